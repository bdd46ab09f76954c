using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Networks.Layers;
using static TorchSharp.torch;

namespace Lowbit.Integers;

/// <summary>What lies between one integer of a network and the next, in float64: by channel, a function of integers.</summary>
/// <param name="exact">The network in double precision.</param>
/// <param name="nodes">The nodes between, those that work element by element, in order; the last is the quantizer.</param>
sealed class ChainFunction(Network exact, IReadOnlyList<Node> nodes)
{
    readonly Quantize quantizer = (Quantize)nodes[^1];

    /// <summary>Whether it is the same function in every channel, where the value that it takes has one scale.</summary>
    public bool IsPerTensor => nodes.All(node => node is Relu or TensorNorm or Normalize { Mean.Length: 1 } or Quantize { Quantizer.PerChannel: false });

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
        foreach (Node node in nodes) value = Apply(node, value);
        Tensor integers = (value / exact.ActivationOf(quantizer.Name).EvaluationScale.Scale).round();
        if (!integers.isfinite().all().item<bool>()) throw new LowbitException($"{quantizer.Name}: its input can be what is not a number; train the network anew");
        return integers.to(int32).contiguous().data<int>().ToArray();
    }

    /// <summary>A node's value for values of its input, of any number of rows.</summary>
    Tensor Apply(Node node, Tensor x) => node switch
    {
        Normalize normalize => StatelessLayers.Normalize(normalize)([new(x)]).Value,
        Relu => nn.functional.relu(x),
        BatchNorm norm => Normalized(x, norm.Name, norm.Epsilon),
        TensorNorm norm => Normalized(x.reshape(1, 1, -1), norm.Name, norm.Epsilon).reshape(x.shape),
        Quantize quantize => exact.ActivationOf(quantize.Name).forward(x).Value,
        _ => throw new GraphException($"{node.Name}: a {node.Kind} between two integers has no integer form"),
    };

    Tensor Normalized(Tensor x, string node, double epsilon)
    {
        var state = exact.StateOf(node).ToDictionary(entry => entry.Name, entry => entry.Tensor);
        return nn.functional.batch_norm(x, state["running_mean"], state["running_var"], state["weight"], state["bias"], training: false, eps: epsilon);
    }
}
