using System.Globalization;
using Lowbit.Export.Folding;
using Lowbit.Networks;
using Lowbit.Runtime;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>
/// Runs a folded file by ONNX Runtime, optimized as its users run it. Biases are whole numbers of products, so that some sums are rounded to the neighbouring integer: they
/// are counted, layer by layer.
/// </summary>
static class FoldedVerification
{
    /// <summary>Images at a time.</summary>
    const int BatchSize = 32;

    /// <summary>Verifies a file.</summary>
    /// <param name="folded">What was written, and the integer network.</param>
    /// <param name="network">The network.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it was written.</param>
    /// <param name="pixels">Raw images, [N, C, H, W].</param>
    /// <exception cref="LowbitException">More integers differ than a file is kept with.</exception>
    public static ExportReport Run(FoldedNetwork folded, Network network, string path, ExportOptions options, Tensor pixels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var layers = new LayerTrace(folded, path, options.Batch);
        using var file = OnnxNetwork.Load(path, OnnxEngine.OnnxRuntime);
        var interpreter = new Interpreter(folded.Integers);
        var (total, worst) = (new IntegerCounts(0, 0, 0), (Node: "", Share: 0.0));
        var byLayer = new Dictionary<string, (long Integers, long Differing)>();
        double difference = 0, largest = 1e-12;
        foreach (Tensor batch in pixels.split(BatchSize))
        {
            using var step = NewDisposeScope();
            Tensor images = ExportImages.Of(network, batch, options.Input);
            var expected = interpreter.Trace(batch.to(uint8).contiguous().data<byte>().ToArray());
            foreach (var (node, integers, differing) in layers.Count(images, expected))
            {
                var before = byLayer.GetValueOrDefault(node);
                byLayer[node] = (before.Integers + integers, before.Differing + differing);
            }
            Tensor logits = tensor(interpreter.LogitsOf(expected[folded.Integers.Logits.From]), [batch.shape[0], folded.Integers.Classes]).to(float64), given = file.Run(images);
            total = total with { OtherTop1 = total.OtherTop1 + (int)logits.argmax(1).ne(given.argmax(1)).sum().item<long>() };
            difference = Math.Max(difference, (logits - given).abs().max().item<double>());
            largest = Math.Max(largest, logits.abs().max().item<double>());
        }
        total = total with { Integers = byLayer.Values.Sum(layer => layer.Integers), Differing = byLayer.Values.Sum(layer => layer.Differing) };
        worst = byLayer.Select(layer => (layer.Key, (double)layer.Value.Differing / layer.Value.Integers)).MaxBy(layer => layer.Item2);
        if (total.Share > IntegerCounts.LargestShare)
            throw new FileDiffersException(string.Create(CultureInfo.InvariantCulture,
                $"folded, {total.Share:P3} of its integers are not the network's, most of them in {worst.Node} ({worst.Share:P2}); at most {IntegerCounts.LargestShare:P2} are allowed"));
        return new((int)pixels.shape[0], difference / largest, []) { Folded = total with { WorstLayer = worst.Node, WorstShare = worst.Share } };
    }
}
