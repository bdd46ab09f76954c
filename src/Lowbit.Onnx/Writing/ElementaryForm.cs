using Lowbit.Export.Writing.Nodes;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing;

/// <summary>
/// Standard ONNX without operators of quantization: Div, Round, Clip and Mul, with Add and Sub where there is a zero point; weights are the values that their quantizers give. It is what
/// quantizers compute in float, for tools that know neither QuantizeLinear nor Quant.
/// </summary>
sealed class ElementaryForm : IQuantizedForm
{
    public IEnumerable<(string Domain, long Version)> Imports => [("", QcdqForm.OldVersion)];

    public bool RoundsWeights => true;

    public string Weights(WrittenNetwork network, IWeighted layer)
    {
        var weights = WeightTensor.Of(network.Network, layer);
        return network.File.Floats($"{layer.Name}.weight", weights.Quantized(), weights.Stored.Shape);
    }

    public string Activation(WrittenNetwork network, Quantize node)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (scaleTensor, zeroTensor) = network.Network.ActivationOf(node.Name).EvaluationScale;
        var (file, name, range, values) = (network.File, node.Name, node.Quantizer.Range, FloatTensor.Of(scaleTensor));
        string scale = file.Floats($"{name}.scale", values.Values, values.Shape), x = network[node.From];
        if (range.IsBinary)
        {
            string positive = file.Node("GreaterOrEqual", $"{name}.positive", [x, file.Scalar($"{name}.zero", 0)]);
            return file.Node("Where", name, [positive, scale, file.Floats($"{name}.minus", [.. values.Values.Select(value => -value)], values.Shape)]);
        }
        string? zero = zeroTensor is null ? null : file.Floats($"{name}.zero_point", FloatTensor.Of(zeroTensor).Values, FloatTensor.Of(zeroTensor).Shape);
        x = file.Node("Div", $"{name}.scaled", [x, scale]);
        if (zero is not null) x = file.Node("Add", $"{name}.shifted", [x, zero]);
        x = file.Node("Round", $"{name}.rounded", [x]);
        x = file.Node("Clip", $"{name}.integers", [x, file.Scalar($"{name}.low", range.Low), file.Scalar($"{name}.high", range.High)]);
        if (zero is not null) x = file.Node("Sub", $"{name}.centered", [x, zero]);
        return file.Node("Mul", name, [x, scale]);
    }

    public string TruncatedMean(WrittenNetwork network, AveragePool node) => TruncatedMeanWriter.WriteStandard(network, node);
}
