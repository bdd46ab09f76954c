using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Lowbit.Training.Health;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training.Health;

/// <summary>What is measured of weights and activations, on networks of known integers.</summary>
[Collection(nameof(Data.AloneCollection))]   // it watches torch's random numbers, which are the process's
public sealed class NetworkHealthTests : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Weights_are_counted_by_their_integers()
    {
        using Network network = Pixels(new WeightQuantizer(4, WeightScale.MaxAbs));
        Set(network, "fc.weight", [[0.7f, -0.7f, 0.04f, 0.3f], [0, 0, 0, 0]]);

        LayerHealth fc = Measured(network)["fc"];

        Assert.Equal((QuantizedPart.Weights, 4, 2, 1), (fc.Part, fc.BitWidth, fc.Channels, fc.DeadChannels));
        Assert.Equal((2 / 8.0, 5 / 8.0), (fc.Clipped, fc.Zero));   // 7, -7, 0, 3 and four zeros
        Assert.Equal(0.05, fc.Scale, 1e-6);   // the mean of 0.1 and next to nothing
        Assert.InRange(fc.SmallestScale, 0, 1e-6);
        Assert.Null(fc.Changed);
    }

    [Fact]
    public void Weights_of_1_bit_are_never_zero_and_not_called_clipped()
    {
        using Network network = Pixels(new WeightQuantizer(1, WeightScale.MeanAbs));
        Assert.Equal((null, 0.0, 0), Measured(network)["fc"] is var fc ? (fc.Clipped, fc.Zero, fc.DeadChannels) : default);
    }

    [Fact]
    public void Weights_with_a_zero_point_are_counted_by_the_integers_that_mean_zero()
    {
        using Network network = Pixels(new WeightQuantizer(2, WeightScale.Shifted, PerChannel: false));
        Set(network, "fc.weight", [[-1, 2, 0, 0], [0, 1, 0, 0]]);   // scale 1, zero point 1: integers 0, 3, 1, 1, 1, 2, 1, 1

        LayerHealth fc = Measured(network)["fc"];

        Assert.Equal((2 / 8.0, 5 / 8.0), (fc.Clipped, fc.Zero));
    }

    [Fact]
    public void Weights_that_change_and_those_that_flip_back_are_told_from_the_third_epoch_on()
    {
        using Network network = Pixels(new WeightQuantizer(4, WeightScale.MaxAbs, PerChannel: false));
        using var images = Images();
        using var health = new NetworkHealth(network, images);

        LayerHealth first = Epoch(0.7f, 0.1f, 0.1f, 0.1f), second = Epoch(0.7f, 0.2f, 0.2f, 0.1f), third = Epoch(0.7f, 0.1f, 0.3f, 0.1f), fourth = Epoch(0.7f, 0.1f, 0.3f, 0.1f);

        Assert.Equal((null, null), (first.Changed, first.Flipped));
        Assert.Equal((2 / 8.0, null), (second.Changed, second.Flipped));
        Assert.Equal((2 / 8.0, 1 / 8.0), (third.Changed, third.Flipped));
        Assert.Equal((0.0, 0.0), (fourth.Changed, fourth.Flipped));

        LayerHealth Epoch(params float[] row)
        {
            Set(network, "fc.weight", [row, [0, 0, 0, 0]]);
            return health.Measure().Single(layer => layer.Node == "fc");
        }
    }

    [Fact]
    public void Activations_are_counted_by_their_integers_and_channels()
    {
        var builder = new GraphBuilder(new Shape(1, 2, 2));
        using var network = new Network(builder.Conv(2, kernel: 1, name: "conv").Relu().Quantize(new ActivationQuantizer(2), name: "q").GlobalAveragePool().Flatten().Linear(2).ToGraph());
        Set(network, "conv.weight", [[1], [-1]]);   // the second channel is 0 after the ReLU
        Set(network, "q.threshold.value", 150);   // scale 50: pixels 0, 100, 200, 255 become 0, 2, 3 and 3

        LayerHealth q = Measured(network)["q"];

        Assert.Equal((QuantizedPart.Activations, 2, 50.0, 50.0), (q.Part, q.BitWidth, q.Scale, q.SmallestScale));
        Assert.Equal((2 / 8.0, 5 / 8.0), (q.Clipped, q.Zero));
        Assert.Equal((2, 1), (q.Channels, q.DeadChannels));
        Assert.Equal((null, null), (q.Changed, q.Flipped));
    }

    [Fact]
    public void Every_quantizer_has_a_row_also_within_rows_that_one_kernel_computes()
    {
        using var network = new Network(new GraphBuilder(new Shape(1, 8, 8)).ConvBnRelu(4, kernel: 3).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(2).ToGraph().Quantize(new QuantizationSpec()));
        byte[] pixels = new byte[16 * 64];
        Random.Shared.NextBytes(pixels);
        using var images = new ProbeImages(Splits(pixels, 8), 16, 1);
        using var health = new NetworkHealth(network, images);

        Assert.Equal(network.Graph.Nodes.Where(node => node is Lowbit.Graphs.Nodes.Quantize or Lowbit.Graphs.Nodes.IWeighted).Select(node => node.Name), health.Measure().Select(layer => layer.Node));
    }

    [Fact]
    public void Nothing_of_the_training_changes()
    {
        using var network = new Network(new GraphBuilder(new Shape(1, 2, 2)).ConvBnRelu(4, kernel: 1).GlobalAveragePool().Linear(2).ToGraph().Quantize(new QuantizationSpec()));
        network.train();
        var before = network.State.Select(entry => entry.Tensor.clone()).ToArray();
        random.manual_seed(5);
        float expected = rand(1).item<float>();

        random.manual_seed(5);
        Measured(network);

        Assert.Equal(expected, rand(1).item<float>());
        Assert.True(network.training);
        Assert.All(network.State.Zip(before), pair => Assert.True(pair.First.Tensor.equal(pair.Second).all().item<bool>(), pair.First.Name));
    }

    [Fact]
    public void A_float_network_has_no_rows()
    {
        using var network = new Network(new GraphBuilder(new Shape(1, 2, 2)).Flatten().Linear(2).ToGraph());
        Assert.Empty(Measured(network));
    }

    static Network Pixels(WeightQuantizer quantizer) =>
        new(new GraphBuilder(new Shape(1, 2, 2)).Flatten().Linear(2, bias: false, weights: quantizer, name: "fc").ToGraph());

    static Dictionary<string, LayerHealth> Measured(Network network)
    {
        using var images = Images();
        using var health = new NetworkHealth(network, images);
        return health.Measure().ToDictionary(layer => layer.Node);
    }

    /// <summary>Images of the same four pixels.</summary>
    static ProbeImages Images() => new(Splits([.. Enumerable.Repeat(new byte[] { 0, 100, 200, 255 }, 16).SelectMany(image => image)], 2), 16, 1);

    static DatasetSplits Splits(byte[] pixels, int size)
    {
        var images = new ImagesInMemory(pixels, new int[pixels.Length / (size * size)]);
        return new(new("pixels", 1, size, size, ["a", "b"], [0], [1]), images, images);
    }

    static void Set(Network network, string name, float[][] rows)
    {
        using var _ = no_grad();
        Tensor weight = network.State.First(entry => entry.Name == name).Tensor;
        weight.copy_(tensor(rows.SelectMany(row => row).ToArray()).reshape(weight.shape));
    }

    static void Set(Network network, string name, float value)
    {
        using var _ = no_grad();
        network.State.First(entry => entry.Name == name).Tensor.fill_(CachedScalar.Of(value));
    }
}
