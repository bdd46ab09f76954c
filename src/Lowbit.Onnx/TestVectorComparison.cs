using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>How far a file's logits are from those that were written beside test images.</summary>
/// <param name="Images">Images compared.</param>
/// <param name="Difference">The largest difference, as a fraction of the largest logit expected, over the images that do not hang on a rounding tie.</param>
/// <param name="SameTop1">Images whose highest logit is the same.</param>
public sealed record TestVectorComparison(int Images, double Difference, int SameTop1)
{
    /// <summary>The largest difference with which files still agree: of sums in float32, added up in another order.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>What sums in single precision may lose beyond a tie.</summary>
    const double SingleTolerance = 1e-4;

    /// <summary>Images that are looked at for rounding ties.</summary>
    const int MostTies = 64;

    /// <summary>
    /// Images more whose logits differ by more, and come out as expected where one value, which lies so near to the middle between two integers that
    /// single precision may round it to either, is rounded to the other one.
    /// </summary>
    public int Ties { get; init; }

    /// <summary>Whether the file gives the logits expected.</summary>
    public bool Agrees => Difference <= Tolerance;

    /// <summary>Runs <c>x</c> of a safetensors file through a network and compares with its <c>eval_logits</c>.</summary>
    /// <exception cref="LowbitException">One of the files is damaged or cannot be used, or they do not belong together.</exception>
    public static TestVectorComparison Of(OnnxNetwork network, string vectors)
    {
        using var scope = NewDisposeScope();
        var file = Safetensors.Read(vectors);
        Tensor images = Named("x"), expected = Named("eval_logits").to(float64);
        if (images.dim() == 0 || images.shape[0] == 0) throw new LowbitException($"{vectors}: x holds no images");
        if (expected.dim() != 2 || expected.shape[0] != images.shape[0] || expected.shape[1] == 0)
            throw new LowbitException($"{vectors}: eval_logits is [{string.Join(',', expected.shape)}] for {images.shape[0]} images; [images, classes] is expected");
        if (!expected.isfinite().all().item<bool>()) throw new LowbitException($"{vectors}: eval_logits holds values that are not numbers");
        Tensor actual = network.Run(images, (int)expected.shape[1]);
        if (!actual.shape.SequenceEqual(expected.shape))
            throw new LowbitException($"the network gives {actual.shape[^1]} logits for each image, where {vectors} holds {expected.shape[1]}");
        double largest = Math.Max(expected.abs().max().item<double>(), double.Epsilon);
        double[] differences = ((actual - expected).abs().amax([1]) / CachedScalar.Of(largest)).nan_to_num(double.PositiveInfinity, double.PositiveInfinity).data<double>().ToArray();
        int same = (int)actual.argmax(1).eq(expected.argmax(1)).sum().item<long>();
        int[] others = [.. Enumerable.Range(0, differences.Length).Where(i => differences[i] > Tolerance)];
        // One image that no tie explains is enough for the files to disagree.
        bool areTies = others.Length <= MostTies && others.All(i => network.HangsOnTie(images[i].unsqueeze(0), expected[i].data<double>().ToArray(), SingleTolerance * largest));
        double difference = areTies ? differences.Where((_, i) => !others.Contains(i)).DefaultIfEmpty(0).Max() : differences.Max();
        return new((int)images.shape[0], difference, same) { Ties = areTies ? others.Length : 0 };

        Tensor Named(string name) => file.Tensors.TryGetValue(name, out Tensor? found)
            ? found
            : throw new LowbitException($"{vectors} holds no {name}; test vectors are x, [N, C, H, W], and eval_logits, [N, classes]");
    }
}
