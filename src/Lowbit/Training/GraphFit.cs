using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;

namespace Lowbit.Training;

/// <summary>Whether a network of a program's own fits its images and its options; one of the zoo is made to.</summary>
static class GraphFit
{
    /// <exception cref="LowbitException">It takes other images, or gives fewer logits than there are classes.</exception>
    /// <exception cref="ConfigurationException">The dataset's name or the options do not go with it.</exception>
    public static void Require(Graph graph, DatasetInfo data, RunOptions options)
    {
        if (graph.Input.Shape != data.Shape) throw new LowbitException($"The network takes images of {graph.Input.Shape}, and those of {data.Name} are {data.Shape}");
        Shape logits = graph.ShapeOf(graph.Output.Name);
        if (!logits.IsFlat || logits.Channels < data.Classes.Count)
            throw new LowbitException($"The network ends in {logits} values; it must give at least a logit for each of the {data.Classes.Count} classes of {data.Name}");
        if (!FolderNameAttribute.IsValid(data.Name)) throw new ConfigurationException([$"the dataset is called {Printable.Short(data.Name)}; it must be {FolderNameAttribute.Allowed}"]);
        if (options.Amp.Enabled && graph.IsQuantized) throw new ConfigurationException(["amp.enabled is true; quantized networks train in full precision"]);
    }
}
