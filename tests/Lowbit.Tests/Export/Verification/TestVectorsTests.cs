using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export.Verification;

/// <summary>A quantizer takes pixels as hundredths of its steps, and gives -1, 0 or 1: a pixel of 50 is a tie, one of 250 is far from any.</summary>
public sealed class TestVectorsTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.safetensors");
    readonly Network network = new(new GraphBuilder(new Shape(1, 1, 2)).Normalize(mean: [0], deviation: [100])
        .Quantize(new ActivationQuantizer(2, Signed: true, ActivationScale.Constant)).Linear(3).ToGraph());
    readonly Batch images = new(0, tensor(new byte[] { 20, 90, 45, 0, 250, 0 }).view(3, 1, 1, 2), tensor(new long[] { 0, 1, 2 }));

    [Fact]
    public void An_image_is_as_far_from_ties_as_its_nearest_value()
    {
        using Network exact = DoublePrecision.Of(network);
        Assert.Equal([0.3, 0.05, 0.5], new TieSearch(exact).DistancesFromTies(images.Images).Select(distance => Math.Round(distance, 6)));
    }

    [Fact]
    public void Images_furthest_from_ties_are_taken_furthest_first()
    {
        network.eval();
        Assert.Equal(0, TestVectors.Write(network, path, ExportInput.Pixels, images, count: 2));

        using var scope = NewDisposeScope();
        var written = Safetensors.Read(path).Tensors;
        Assert.Equal([250, 0, 20, 90], written["x"].data<float>().ToArray());
        Assert.Equal([2, 0], written["labels"].data<long>().ToArray());
    }

    public void Dispose()
    {
        network.Dispose();
        images.Dispose();
        File.Delete(path);
    }
}
