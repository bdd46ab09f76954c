using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Training;

/// <summary>Refuses trainings in which a batch norm would see one value a channel, which has no variance.</summary>
static class SingleValues
{
    /// <param name="graph">The network.</param>
    /// <param name="training">How many images a step takes.</param>
    /// <param name="images">Images to train on.</param>
    /// <exception cref="ConfigurationException">A batch would be one image, and a node normalizes over the batch alone.</exception>
    public static void Refuse(Graph graph, TrainingOptions training, int images)
    {
        if (training.BatchSize > 1 && images > 1) return;
        if (graph.Nodes.FirstOrDefault(node => SeesOneValue(graph, node)) is not { } norm) return;
        string key = training.BatchSize > 1 ? "dataset.limit and dataset.val_split leave 1 image to train on" : "training.batch_size is 1";
        throw new ConfigurationException([$"{key}; {norm.Name} ({norm.Kind}) takes 1 value a channel of each image, so it must be at least 2"]);
    }

    static bool SeesOneValue(Graph graph, Node node) => node switch
    {
        BatchNorm norm => graph.ShapeOf(norm.From) is var shape && shape.Elements == shape.Channels,
        TensorNorm norm => graph.ShapeOf(norm.From).Elements == 1,
        _ => false,
    };
}
