using Lowbit.Data;
using Lowbit.Networks;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>Images with the logits that are right for them, for a test bench.</summary>
static class TestVectors
{
    /// <summary>Logits that differ by more of the largest, in single precision and in double, come from another integer somewhere.</summary>
    const double Tolerance = 1e-4;

    /// <summary>
    /// Writes <c>x</c> as a file of the given input takes it, <c>eval_logits</c> of the network in double precision, both float32, and <c>labels</c>. Images that
    /// hang on a rounding tie are left out, because a test bench that computes in single precision may be right with either result.
    /// </summary>
    /// <returns>Images that were left out.</returns>
    public static int Write(Network network, string path, ExportInput input, Batch images, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Network exact = DoublePrecision.Of(network, input == ExportInput.Normalized);
        Tensor x = ExportImages.Of(network, images.Images, input), expected = exact.forward(x);
        double[] differences = new Logits(expected).Differences(network.forward(images.Images));
        long[] chosen = [.. Enumerable.Range(0, differences.Length).Where(i => differences[i] <= Tolerance).Take(count).Select(i => (long)i)];
        if (chosen.Length == 0) throw new LowbitException($"{path} cannot be written: each of {differences.Length} images hangs on a rounding tie");
        Tensor indices = tensor(chosen);
        Safetensors.Write(path,
        [
            ("x", x.index_select(0, indices)), ("eval_logits", expected.index_select(0, indices).to(float32)), ("labels", images.Labels.index_select(0, indices)),
        ]);
        return (int)chosen[^1] + 1 - chosen.Length;
    }
}
