using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Integers;

/// <summary>What lies between one integer of a network and the next, in float64: by channel, a function of integers.</summary>
/// <param name="exact">The network in double precision.</param>
/// <param name="nodes">The nodes between, those that work element by element, in order; the last is the quantizer.</param>
sealed class ChainFunction(Network exact, IReadOnlyList<Node> nodes)
{
    readonly Quantize quantizer = (Quantize)nodes[^1];

    /// <summary>Whether it is the same function in every channel, where the value that it takes has one scale.</summary>
    public bool IsPerTensor => nodes.All(node => node.Pointwise == Pointwise.Alike);

    /// <summary>The integers of the quantizer.</summary>
    /// <param name="x">[rows, channels] integers.</param>
    /// <param name="from">The value whose integers they are.</param>
    /// <param name="channels">The channels, or 1 for all of them.</param>
    public int[] Of(double[] x, ScaledValue from, int channels)
    {
        double[] value = [.. x.Select((integer, i) => integer * from.ScaleOf(i % channels) + from.OffsetOf(i % channels))];
        using var scope = NewDisposeScope();
        return Of(tensor(value, [x.Length / channels, channels]));
    }

    /// <summary>The integers of the quantizer, from real values [rows, channels], float64.</summary>
    /// <exception cref="LowbitException">A value is not a number.</exception>
    public int[] Of(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (!exact.Graph.ShapeOf(quantizer.From).IsFlat) value = value.reshape(value.shape[0], value.shape[1], 1, 1);
        foreach (Node node in nodes) value = exact.Apply(node, value);
        Tensor integers = (value / exact.ActivationOf(quantizer.Name).EvaluationScale.Scale).round();
        if (!integers.isfinite().all().item<bool>()) throw new LowbitException($"{quantizer.Name}: its input can be what is not a number; train the network anew");
        return integers.to(int32).contiguous().data<int>().ToArray();
    }
}
