using System.Runtime.InteropServices;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Runtime;
using static TorchSharp.torch;

namespace Lowbit.Integers;

/// <summary>
/// The integers of a network in float64, computed by the network itself, to hold an integer network against. Sums of products in float64 depend on the order in which
/// they are added up, by some 1e-16; each is brought to the integer that it stands for, so that only what is between two integers is rounded, once.
/// </summary>
/// <param name="exact">The network in double precision.</param>
/// <param name="form">Its integer form.</param>
public sealed class ExactIntegers(Network exact, IntegerForm form)
{
    /// <summary>The integers of every node that has some, by name, [N, C, H, W] of that node; and the logits, float64, which belong to the caller's scope.</summary>
    public (Dictionary<string, int[]> Integers, Tensor Logits) Of(Tensor images)
    {
        var integers = new Dictionary<string, int[]>();
        Tensor logits = Run(images, (node, value) => integers.Add(node, value.ToArray()));
        return (integers, logits);
    }

    /// <summary>Runs the network and shows the integers of every node that has some, while they are there.</summary>
    Tensor Run(Tensor images, Action<string, ReadOnlySpan<int>> observe) => exact.Run(images, (node, value) =>
    {
        if (node is Input || !form.Values.TryGetValue(node.Name, out ScaledValue? scaled)) return;
        using var scope = NewDisposeScope();
        Tensor scale = ByChannel(scaled.Scales, value.Value), offset = ByChannel(scaled.Offsets, value.Value);
        Tensor rounded = ((value.Value - offset) / scale).round();
        value.Value.copy_((rounded * scale).add(offset, alpha: CachedScalar.Of(1)));
        Tensor integers = rounded.to(int32).contiguous();
        observe(node.Name, MemoryMarshal.Cast<byte, int>(integers.bytes));
    });

    /// <summary>Holds an integer network's values against the network's in float64, on the images of a batch.</summary>
    /// <param name="network">The integer network.</param>
    /// <param name="pixels">Raw images, [N, C, H, W].</param>
    /// <param name="images">The same as the network in float64 takes them.</param>
    /// <returns>The integer network's logits, float32 [N, classes]; they belong to the caller's scope.</returns>
    /// <exception cref="LowbitException">An integer differs; the first node that has one.</exception>
    public Tensor Check(IntegerNetwork network, Tensor pixels, Tensor images)
    {
        using var scope = NewDisposeScope();
        var interpreter = new Interpreter(network);
        var actual = interpreter.Trace(PixelsOf(pixels));
        Run(images, (node, expected) =>
        {
            if (!actual.TryGetValue(node, out int[]? integers)) return;
            int first = expected.CommonPrefixLength(integers);
            if (first < expected.Length)
                throw new LowbitException($"the network in integers is not the network in double precision: {node} has {integers[first]} in place of {expected[first]} in image {first / network.ValueOf(node).Shape.Elements}");
        });
        return tensor(interpreter.LogitsOf(actual[network.Logits.From]), [pixels.shape[0], network.Classes]).MoveToOuterDisposeScope();
    }

    /// <summary>Raw images as an integer network takes them.</summary>
    public static byte[] PixelsOf(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return pixels.detach().cpu().to(uint8).contiguous().data<byte>().ToArray();
    }

    static Tensor ByChannel(double[] values, Tensor like) => tensor(values, dtype: float64).view([1, -1, .. Enumerable.Repeat(1L, (int)like.dim() - 2)]);
}
