using Lowbit.Export.Writing.Nodes;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing;

/// <summary>QONNX: Quant, BipolarQuant and Trunc. Pappalardo et al. 2022, "QONNX: Representing Arbitrary-Precision Quantized Neural Networks".</summary>
sealed class QonnxForm(ExportOptions options) : IQuantizedForm
{
    const string Domain = "qonnx.custom_op.general";
    const int StandardVersion = 13;

    public IEnumerable<(string Domain, long Version)> Imports => [("", StandardVersion), (Domain, options.Target == ExportTarget.Finn010 ? 1 : 2)];

    public string Weights(WrittenNetwork network, IWeighted layer)
    {
        string name = $"{layer.Name}.weight";
        var weights = WeightTensor.Of(network.Network, layer);
        if (options.Target == ExportTarget.Hls4ml && weights.Scale.ArePowersOfTwo && weights.Scale.Values.Distinct().Count() > 1) return WithOneScale(network.File, name, weights);
        string stored = network.File.Floats(name, options.QuantizedWeights ? weights.Quantized() : weights.StoredFarFromTies(), weights.Stored.Shape);
        return Quantizer(network.File, $"{name}.quant", stored, weights.Scale, weights.ZeroPoint, weights.Quantizer.BitWidth, weights.Quantizer.Range);
    }

    public string Activation(WrittenNetwork network, Quantize node)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (scale, zeroPoint) = network.Network.ActivationOf(node.Name).EvaluationScale;
        return Quantizer(network.File, node.Name, network[node.From], FloatTensor.Of(scale), zeroPoint is null ? null : FloatTensor.Of(zeroPoint),
            node.Quantizer.BitWidth, node.Quantizer.Range);
    }

    public string TruncatedMean(WrittenNetwork network, AveragePool node) => options.Target switch
    {
        ExportTarget.Finn010 => TruncatedMeanWriter.WriteVersion1(network, node, Domain),
        ExportTarget.Hls4ml => TruncatedMeanWriter.WriteConvolution(network, node, Domain),
        _ => TruncatedMeanWriter.WriteVersion2(network, node, Domain),
    };

    /// <summary>
    /// The same values at the smallest of their scales, as integers with as many more bits as the largest scale is above it. hls4ml reads no more than one scale in a
    /// linear layer; after a convolution it multiplies them into the batch norm, whose factors of fixed point then lose their bits.
    /// </summary>
    static string WithOneScale(OnnxGraphWriter file, string name, WeightTensor weights)
    {
        float smallest = weights.Scale.Values.Min();
        int bits = Math.Max(weights.Quantizer.BitWidth, 2) + (int)Math.Log2(weights.Scale.Values.Max() / smallest);
        string stored = file.Floats(name, weights.Quantized(), weights.Stored.Shape);
        return Quantizer(file, $"{name}.quant", stored, new([smallest], []), null, bits, IntegerRange.Signed(bits));
    }

    static string Quantizer(OnnxGraphWriter file, string name, string input, FloatTensor scale, FloatTensor? zeroPoint, int bitWidth, IntegerRange range)
    {
        string scaleName = file.Floats($"{name}.scale", scale.Values, scale.Shape);
        if (range.IsBinary) return file.Node("BipolarQuant", name, [input, scaleName], domain: Domain);

        string zero = zeroPoint is { } given ? file.Floats($"{name}.zero_point", given.Values, given.Shape) : file.Scalar($"{name}.zero_point", 0);
        bool narrow = range.IsSigned && range.Low == -range.High;
        return file.Node("Quant", name, [input, scaleName, zero, file.Scalar($"{name}.bit_width", bitWidth)],
            [("narrow", narrow ? 1 : 0), ("rounding_mode", "ROUND"), ("signed", range.IsSigned ? 1 : 0)], Domain);
    }
}
