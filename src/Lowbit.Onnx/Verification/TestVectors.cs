using Lowbit.Data;
using Lowbit.Networks;
using Lowbit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>Images with the logits that are right for them, for a test bench.</summary>
static class TestVectors
{
    /// <summary>Logits that differ by more of the largest, in single precision and in double, come from another integer somewhere.</summary>
    const double Tolerance = 1e-4;

    /// <summary>Pixels of the images whose values are held in memory at a time, and how many images those are at most.</summary>
    const int PixelsAtATime = 32 * 64 * 64, MostAtATime = 32;

    /// <summary>
    /// Writes <c>x</c> as a file of the given input takes it, <c>eval_logits</c> of the network in double precision, both float32, and <c>labels</c>. Images that
    /// hang on a rounding tie are left out, because a test bench that computes in single precision may be right with either result. Of the others those are taken
    /// whose values stay furthest from ties (<see cref="TieMargins"/>), furthest first: a bench rounds elsewhere than the network in float32, and hardware keeps thresholds in float32.
    /// </summary>
    /// <returns>Images that hang on a tie.</returns>
    public static int Write(Network network, string path, ExportInput input, Batch images, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Network exact = DoublePrecision.Of(network, input == ExportInput.Normalized);
        Tensor x = ExportImages.Of(network, images.Images, input), expected = InBatches(exact, x);
        double[] differences = new Logits(expected).Differences(InBatches(network, images.Images));
        int[] certain = [.. Enumerable.Range(0, differences.Length).Where(i => differences[i] <= Tolerance)];
        if (certain.Length == 0) throw new LowbitException($"{path} cannot be written: each of {differences.Length} images hangs on a rounding tie");
        using Network single = DoublePrecision.Of(network, input == ExportInput.Normalized);
        single.to(float32);
        double[] margins = new TieMargins(exact, single).Of(x.split(AtATime(x)));
        Tensor indices = tensor(certain.OrderByDescending(i => margins[i]).Take(count).Select(i => (long)i).ToArray());
        Safetensors.Write(path,
        [
            ("x", x.index_select(0, indices)), ("eval_logits", expected.index_select(0, indices).to(float32)), ("labels", images.Labels.index_select(0, indices)),
        ]);
        return differences.Length - certain.Length;
    }

    /// <summary>
    /// The same of a folded file: its own logits, by ONNX Runtime, because an integer that it rounds otherwise than the network is no fault of a test bench.
    /// </summary>
    /// <returns>0: no image is left out.</returns>
    public static int WriteOf(string file, Network network, string path, ExportInput input, Batch images, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor x = ExportImages.Of(network, images.Images.narrow(0, 0, Math.Min(count, images.Images.shape[0])), input);
        using var onnx = OnnxNetwork.Load(file, OnnxEngine.OnnxRuntime);
        Safetensors.Write(path, [("x", x), ("eval_logits", onnx.Run(x).to(float32)), ("labels", images.Labels.narrow(0, 0, x.shape[0]))]);
        return 0;
    }

    static long AtATime(Tensor images) => Math.Clamp(PixelsAtATime / (images.shape[2] * images.shape[3]), 1, MostAtATime);

    static Tensor InBatches(Network network, Tensor images) => cat([.. images.split(AtATime(images)).Select(network.forward)], 0);
}
