using Lowbit.Integers;
using Lowbit.Networks;
using Lowbit.Runtime;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>What a network gives in integers, to hold a file against: an integer network that has the network's integers at every node.</summary>
static class IntegerLogits
{
    /// <summary>The logits, float32 [N, classes]; null where the network has no integer form, or where the images are no raw pixels.</summary>
    /// <param name="network">The network.</param>
    /// <param name="exact">The network in double precision, as it takes images of <paramref name="input"/>.</param>
    /// <param name="input">What the file takes.</param>
    /// <param name="pixels">Raw images, [N, C, H, W].</param>
    /// <param name="batchSize">Images at a time.</param>
    /// <exception cref="LowbitException">The integer network does not have the network's integers.</exception>
    public static Tensor? Of(Network network, Network exact, ExportInput input, Tensor pixels, int batchSize)
    {
        if (!AreRaw(pixels) || FormOf(network, exact, input) is not var (integers, form)) return null;
        var check = new ExactIntegers(exact, form);
        return cat([.. pixels.split(batchSize).Select(batch => check.Check(integers, batch, ExportImages.Of(network, batch, input).to(float64)))]);
    }

    static (IntegerNetwork, IntegerForm)? FormOf(Network network, Network exact, ExportInput input)
    {
        try
        {
            return IntegerForm.Of(network, exact, batch => ExportImages.Of(network, batch, input));
        }
        catch (LowbitException)
        {
            return null;   // It has float parts: QONNX and standard ONNX have words for them.
        }
    }

    static bool AreRaw(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.dtype == ScalarType.Byte || (images.eq(images.round()).all().item<bool>() && images.ge(CachedScalar.Of(0L)).all().item<bool>() && images.le(CachedScalar.Of(255L)).all().item<bool>());
    }
}
