using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Runtime;

namespace Lowbit.Integers;

/// <summary>What makes logits of the last integers: one scale and one offset for each class.</summary>
static class LogitsForm
{
    /// <summary>Folds the operations after the last integers into scales and offsets.</summary>
    /// <param name="chain">The value with these integers, and the nodes after it.</param>
    /// <param name="exact">The network in double precision.</param>
    /// <exception cref="LowbitException">A node there is not linear.</exception>
    public static LogitsOutput Of((ScaledValue? From, IReadOnlyList<Node> After) chain, Network exact)
    {
        if (chain.From is not { } from) throw new LowbitException($"{exact.Graph.Output.Name}: nothing between the images and the logits is quantized, so that the network has no integer form; set model.name to a quant_ model");
        int classes = from.Value.Shape.Channels;
        double[] scales = [.. Enumerable.Range(0, classes).Select(from.ScaleOf)], offsets = [.. Enumerable.Range(0, classes).Select(from.OffsetOf)];
        if (from.Value.Shape.Pixels > 1) throw new LowbitException($"{exact.Graph.Output.Name}: an image of {from.Value.Shape} is no vector of logits; end the network with a linear layer");
        foreach (Node node in chain.After)
        {
            if (node is BatchNorm or TensorNorm) Normalize(node, node is BatchNorm norm ? norm.Epsilon : ((TensorNorm)node).Epsilon);
            else if (node is not Flatten) throw new LowbitException($"{node.Name} ({node.Kind}): between the last integers and the logits there is only place for scales and offsets; put it before a quantizer, or leave it out");
        }
        return new(from.Integers, [.. scales], [.. offsets]);

        void Normalize(Node node, double epsilon)
        {
            var state = exact.StateOf(node.Name).ToDictionary(entry => entry.Name, entry => entry.Tensor.data<double>().ToArray());
            for (int i = 0; i < classes; i++)
            {
                double factor = At("weight") / Math.Sqrt(At("running_var") + epsilon);
                (scales[i], offsets[i]) = (scales[i] * factor, (offsets[i] - At("running_mean")) * factor + At("bias"));

                double At(string name) => state[name][state[name].Length == 1 ? 0 : i];
            }
        }
    }
}
