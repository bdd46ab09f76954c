using TorchSharp;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>The logits that are expected, float64 [N, classes], to hold others against.</summary>
sealed class Logits(Tensor expected)
{
    readonly double largest = Math.Max(expected.abs().max().item<double>(), 1e-12);

    /// <summary>For each image the largest difference, as a fraction of the largest expected logit of all images.</summary>
    public double[] Differences(Tensor actual)
    {
        using Scalar one = largest.ToScalar();
        return ((actual.to(float64) - expected).abs().amax([1]) / one).nan_to_num(double.PositiveInfinity).data<double>().ToArray();
    }

    /// <summary>For each image whether the most likely class is the same, or one whose logit is as large as that to the given fraction of the largest.</summary>
    public bool[] SameTop1(Tensor actual, double tolerance)
    {
        using Scalar margin = (tolerance * largest).ToScalar();
        Tensor chosen = expected.gather(1, actual.argmax(1, keepdim: true)).squeeze(1);
        return chosen.ge(expected.amax([1]) - margin).data<bool>().ToArray();
    }
}
