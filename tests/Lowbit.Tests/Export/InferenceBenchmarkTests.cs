using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Tests.Integers;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>Files are timed in ONNX Runtime, beside the float network of the same layers.</summary>
public sealed class InferenceBenchmarkTests : IDisposable
{
    readonly TrainedLike trained = new(Blocks.Network("add of a signed branch and an unsigned stream", 4, perChannel: true), seed: 1);
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lowbit-");

    [Fact]
    public void The_float_twin_has_the_layers_without_their_quantizers()
    {
        Graph twin = FloatTwin.Of(trained.Network.Graph);
        Assert.DoesNotContain(twin.Nodes, node => node is Quantize);
        Assert.All(twin.WeightedNodes, layer => Assert.Null(layer.WeightQuantizer));
        Assert.Equal(trained.Network.Graph.Nodes.Where(node => node is not Quantize).Select(node => node.Name), twin.Nodes.Select(node => node.Name));

        FloatTwin.Write(trained.Network, this["float.onnx"]);
        RuntimeGraph graph = RuntimeGraph.Of(this["float.onnx"]);
        Assert.Equal((0, twin.WeightedNodes.Count()), (graph.IntegerProducts, graph.FloatProducts));
    }

    [Fact]
    public void Files_are_run_in_turn_as_often_as_asked_for()
    {
        OnnxExport.Write(trained.Network, this["integer.onnx"], new() { Format = ExportFormat.Qcdq, Batch = null });
        FloatTwin.Write(trained.Network, this["float.onnx"]);
        var times = InferenceBenchmark.Run([this["integer.onnx"], this["float.onnx"]], batch: 3, threads: 1, runs: 5);

        Assert.Equal([this["integer.onnx"], this["float.onnx"]], times.Select(file => file.Path));
        Assert.All(times, file =>
        {
            Assert.Equal(5, file.Seconds.Count);
            Assert.All(file.Seconds, seconds => Assert.True(seconds > 0));
            Assert.Equal(3 / file.Percentile(0.5), file.ImagesPerSecond);
            Assert.Equal(file.Seconds.Max(), file.Percentile(0.99));
        });
    }

    [Fact]
    public void Files_that_cannot_be_timed_so_are_refused_in_a_sentence()
    {
        OnnxExport.Write(trained.Network, this["qonnx.onnx"], new());
        OnnxExport.Write(trained.Network, this["one.onnx"], new() { Format = ExportFormat.Qcdq, Batch = 1 });
        Assert.Contains("is QONNX", Assert.Throws<LowbitException>(() => InferenceBenchmark.Run([this["qonnx.onnx"]], 1, 1, 1)).Message);
        Assert.Contains("takes 1 images at a time, not 32", Assert.Throws<LowbitException>(() => InferenceBenchmark.Run([this["one.onnx"]], 32, 1, 1)).Message);
        Assert.Single(InferenceBenchmark.Run([this["one.onnx"]], 1, 1, 1));
    }

    string this[string name] => Path.Combine(folder.FullName, name);

    public void Dispose()
    {
        trained.Dispose();
        folder.Delete(recursive: true);
    }
}
