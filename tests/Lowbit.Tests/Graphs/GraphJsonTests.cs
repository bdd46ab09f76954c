using Lowbit.Graphs;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class GraphJsonTests
{
    public static TheoryData<string> Names => [.. ModelZoo.Names];

    [Theory, MemberData(nameof(Names))]
    public void Every_network_of_the_zoo_is_read_back_as_it_was(string name)
    {
        Graph graph = ModelZoo.Build(new(name, new(3, 32, 32), 10) { Normalization = Normalization.ToUnitRange }, new() { WeightBitWidth = 3, ActivationBitWidth = 2 });
        Assert.Equal(graph.Nodes.Select(Text), GraphJson.Read(GraphJson.Write(graph), "test").Nodes.Select(Text));

        // Arrays are equal by reference only.
        static string Text(Node node) => node is Lowbit.Graphs.Nodes.Normalize normalize ? $"{normalize.Name} {normalize.From} {string.Join(' ', normalize.Mean.Concat(normalize.Std))}" : $"{node}";
    }

    [Theory]
    [InlineData("", "is not a graph")]
    [InlineData("[]", "is not a graph: it has no version")]
    [InlineData("""{"nodes":[]}""", "is not a graph: it has no version")]
    [InlineData("""{"version":2,"nodes":[]}""", "is a graph of version 2, and this Lowbit reads versions up to 1")]
    [InlineData("""{"version":1}""", "is not a graph")]
    [InlineData("""{"version":1,"nodes":[]}""", "A network begins with its input node")]
    [InlineData("""{"version":1,"nodes":[null]}""", "is not a graph")]
    [InlineData("""{"version":1,"nodes":[{"node":"spiral","name":"x"}]}""", "is not a graph")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x"}]}""", "is not a graph")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4},"colour":1}]}""", "is not a graph")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":-3,"height":4,"width":4}}]}""", "images of")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"relu","name":"r","from":"y"}]}""", "no node of that name comes before it")]
    [InlineData("""{"version":"one","nodes":[]}""", "is not a graph: it has no version")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"batch_norm","name":"b","from":"x","epsilon":-1,"momentum":0.1,"initial_weight":1}]}""", "an epsilon of -1 and a momentum of 0.1 are not possible")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"batch_norm","name":"b","from":"x","epsilon":"small","momentum":0.1,"initial_weight":1}]}""", "is not a graph: nodes[1].epsilon is not what a graph has there")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"quantize","name":"q","from":"x","shared_with":null,"quantizer":{"signed":false,"per_channel":false,"collect_statistics_steps":3,"percentile":200,"bit_width":4,"scale":"learned"}}]}""", "A percentile of 200 is not possible; it is more than 0, at most 100")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"quantize","name":"q","from":"x","shared_with":null,"quantizer":{"signed":false,"per_channel":false,"collect_statistics_steps":-1,"percentile":99,"bit_width":4,"scale":"learned"}}]}""", "Statistics of -1 batches are not possible")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"quantize","name":"q","from":"x","shared_with":null,"quantizer":{"signed":false,"per_channel":false,"collect_statistics_steps":3,"percentile":99,"bit_width":4,"scale":7}}]}""", "is not a graph: nodes[1].quantizer.scale is not what a graph has there")]
    [InlineData("""{"version":1,"nodes":[{"node":"input","name":"x","shape":{"channels":3,"height":4,"width":4}},{"node":"quantize","name":"q","from":"x","shared_with":null,"quantizer":{"signed":false,"per_channel":false,"collect_statistics_steps":3,"percentile":99,"bit_width":4,"scale":"lerned"}}]}""", "there is no quantizer of activations called lerned")]
    public void What_is_no_graph_is_one_sentence(string json, string expected)
    {
        string message = Assert.Throws<LowbitException>(() => GraphJson.Read(json, "run.safetensors")).Message;
        Assert.StartsWith("run.safetensors", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
