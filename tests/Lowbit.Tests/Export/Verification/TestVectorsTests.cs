using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export.Verification;

/// <summary>A quantizer takes pixels as hundredths of its steps, and gives -1, 0 or 1: a pixel of 50 is a tie, one of 250 is far from any.</summary>
public sealed class TestVectorsTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.safetensors");
    readonly Network network = new(new GraphBuilder(new Shape(1, 1, 2)).Normalize(mean: [0], std: [100])
        .Quantize(new ActivationQuantizer(2, Signed: true, ActivationScale.Constant)).Linear(3).ToGraph());
    readonly Batch images = new(0, tensor(new byte[] { 20, 90, 45, 0, 250, 0 }).view(3, 1, 1, 2), tensor(new long[] { 0, 1, 2 }));

    [Fact]
    public void How_far_from_ties_is_told_by_what_single_precision_is_off()
    {
        using var scope = NewDisposeScope();
        // Of values near 10,000, single precision keeps thousandths: a hundredth from a tie is less sure there than a thousandth near 0.
        using var shifted = new Network(new([new Input("images", new Shape(2, 1, 1)), new BatchNorm("norm", "images"),
            new Quantize("quant", "norm", new ActivationQuantizer(2, Signed: true, ActivationScale.Constant)), new Flatten("flat", "quant"), new Linear("logits", "flat", 3)]));
        var state = shifted.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using (no_grad()) state["norm.running_mean"][1] = 10_000;
        shifted.eval();
        double step = shifted.ScaleOf("quant")!.to(float64).item<double>();
        using Network exact = DoublePrecision.Of(shifted), single = DoublePrecision.Of(shifted);
        single.to(float32);
        Tensor near = tensor(new[] { 0.499 * step, 10_000 }, dtype: float32), far = tensor(new[] { 0, 10_000 + 0.49 * step }, dtype: float32);

        double[] margins = new TieMargins(exact, single).Of([stack([near, far]).view(2, 2, 1, 1)]);

        Assert.InRange(margins[1], 1e-6, 1000);
        Assert.InRange(margins[0], 10 * margins[1], 1e6);
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

    [Fact]
    public void Images_that_are_normalized_before_come_to_the_first_quantizer_as_they_are()
    {
        network.eval();
        Assert.Equal(0, TestVectors.Write(network, path, ExportInput.Normalized, images, count: 1));

        using var scope = NewDisposeScope();
        Assert.Equal([2.5f, 0], Safetensors.Read(path).Tensors["x"].data<float>().ToArray());
    }

    public void Dispose()
    {
        network.Dispose();
        images.Dispose();
        File.Delete(path);
    }
}
