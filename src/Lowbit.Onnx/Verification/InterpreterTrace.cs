using Lowbit.Export.Interpretation;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>Runs a file by the interpreter and shows the integers of its quantizers, in a format that has the quantizers' values under their names.</summary>
/// <param name="path">The file.</param>
/// <param name="exact">The network in double precision, whose quantizers they are.</param>
sealed class InterpreterTrace(string path, Network exact) : IDisposable
{
    readonly Interpreter interpreter = new(OnnxModel.Read(path));
    readonly HashSet<string> quantizers = [.. exact.Graph.Nodes.OfType<Quantize>().Select(quantizer => quantizer.Name)];

    /// <summary>The integers of each quantizer, as float64 in the caller's scope.</summary>
    /// <param name="image">[1, C, H, W], as the file takes it.</param>
    public Dictionary<string, Tensor> IntegersOf(Tensor image)
    {
        var integers = new Dictionary<string, Tensor>();
        NdArray input = interpreter.FirstOfBatch(OnnxNetwork.ToArray(image), out var layout);
        interpreter.RunOnce(input, new Ledger(OnnxBudget.Default, images: layout.Shape[0]), (node, known) =>
        {
            if (!quantizers.Contains(node.Outputs[0])) return;
            NdArray values = known[node.Outputs[0]];
            var (scale, zeroPoint) = exact.ActivationOf(node.Outputs[0]).EvaluationScale;
            integers.Add(node.Outputs[0], QuantizerLevels.Of(tensor(values.Data, [.. values.Shape.Select(size => (long)size)]).narrow(0, 0, 1), scale, zeroPoint).round());
        });
        return integers;
    }

    public void Dispose() => interpreter.Dispose();
}
