using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Training.Benchmarks;

/// <summary>
/// What a training step must compute and move through memory, by the passes that its operations make over their values: those of libtorch, and those of
/// <c>Quantization/Kernels</c> where they take nodes together. Values are counted as if none stayed in a cache.
/// </summary>
/// <param name="Flops">Floating point operations of convolutions and linear layers; a multiply-add is two.</param>
/// <param name="Bytes">Bytes read and written.</param>
public sealed record StepCost(double Flops, double Bytes)
{
    /// <summary>How often the optimizer reads or writes a parameter, its gradient or its velocity: weight decay 3, velocity 5, step 3.</summary>
    const int OptimizerPasses = 11;

    /// <summary>Reads a network, as <see cref="Networks.Network"/> runs it with its kernels on so many images.</summary>
    public static StepCost Of(Graph graph, int batch)
    {
        var rows = Fuse.Of(graph);
        HashSet<Node> taken = [.. rows.SelectMany(row => row.Nodes)], narrow = [.. rows.Select(row => row.Narrow).OfType<Node>()];
        double values = rows.Sum(row => Values(graph, row.Norm.From) * PassesOf(row))
            + graph.Nodes.Where(node => !taken.Contains(node)).Sum(node => Moved(graph, node))
            + graph.Nodes.Sum(node => GradientsAdded(graph, node, narrow));
        Summary summary = Summary.Of(graph);
        int weightPasses = graph.IsQuantized ? 3 + 5 : 3;
        double parameters = summary.Parameters * OptimizerPasses + summary.Nodes.Sum(node => (double)node.Cost.Weights) * weightPasses;
        return new(2 * Directions(graph, summary) * batch, sizeof(float) * (values * batch + parameters));
    }

    /// <summary>The shortest time that a machine can take for it, in seconds: of arithmetic alone, and of memory alone.</summary>
    public (double Arithmetic, double Memory) SecondsAt(MachinePeaks peaks) => (Flops / peaks.FlopsPerSecond, Bytes / peaks.BytesPerSecond);

    /// <summary>MACs forward, of the weights' gradients and of the inputs': the last not where the images are real, for which nothing is learned.</summary>
    static double Directions(Graph graph, Summary summary) => summary.Nodes.Sum(node => (double)node.Cost.Macs * (LearnsBelow(graph, node.Name) ? 3 : 2));

    static bool LearnsBelow(Graph graph, string node) => graph[node].Inputs.Any(input => graph[input] is not (Input or Normalize));

    /// <summary>Values read and written for one image, forward and backward, by a node that runs on its own.</summary>
    static double Moved(Graph graph, Node node)
    {
        double output = Values(graph, node.Name), input = node.Inputs.Sum(name => (double)Values(graph, name));
        return node switch
        {
            IWeighted => 3 * output + (LearnsBelow(graph, node.Name) ? 3 : 2) * input,   // forward, the weights' gradient, the input's
            BatchNorm or TensorNorm => 8 * output,                                       // statistics, values; sums of gradients, gradients
            Relu or Quantize => 5 * output,
            Add => input + output,
            Input or Flatten => 0,
            _ => 2 * (input + output),
        };
    }

    /// <summary>
    /// A row by its kernel: statistics, values; sums of gradients, gradients. An add reads its operand both ways and writes its gradient; a narrower value is written, its
    /// gradient read, and the sum of both gradients written where no add does.
    /// </summary>
    static double PassesOf(NormalizedQuantizer row) => (row.Residual is null ? 8 : 11) + (row.Narrow is null ? 0 : row.Residual is null ? 3 : 2);

    /// <summary>Where several nodes take a value, their gradients are added up; that of a narrower value by the row's kernel.</summary>
    static double GradientsAdded(Graph graph, Node node, HashSet<Node> narrow) =>
        3.0 * Values(graph, node.Name) * Math.Max(0, graph.ConsumersOf(node.Name).Count(reader => !narrow.Contains(reader)) - 1);

    static long Values(Graph graph, string node) => graph.ShapeOf(node).Elements;
}
