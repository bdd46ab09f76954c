using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Lowbit.Training.Health;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training.Health;

/// <summary>An accuracy that is no better than chance is said to be, with the reason, once.</summary>
public sealed class ChanceLevelTests : IDisposable
{
    const int Classes = 4, Images = 400, Batches = 10;

    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_quantizer_whose_scale_is_far_above_its_values_is_named_with_both()
    {
        using Network network = Small();
        Fill(network, "quant1.threshold.value", 1e6f);

        string notice = Notice(network, Noise())!;

        Assert.StartsWith("epoch 1 is at chance level: training top-1 is 25.00 %, and 25.00 % of the training images are of the class a. The value of quant1 (quantize) is the same for each of 64 images, 0, because its scale is 1e+06 and the largest value that it takes ", notice);
        Assert.Contains(" There, conv1 has weights of 2 bits (max_abs, a scale for each channel), quant1 has activations of 1 bit (learned), and the learning rate is 0.1.", notice);
        Assert.EndsWith(" What can help: a lower quantization.act_percentile; more bits in quantization.overrides, { layers: quant1, act_bit_width: 2 }; starting from float weights (model.pretrained, or quantization.stages).", notice);
    }

    [Fact]
    public void A_quantizer_whose_scale_is_far_below_its_values_is_named_with_both()
    {
        using Network network = Small();
        Fill(network, "bn1.bias", 100);
        Fill(network, "quant1.threshold.value", 1e-6f);

        Assert.Contains("The value of quant1 (quantize) is the same for each of 64 images, its highest, because its scale is 1e-06 and the values that it takes are ", Notice(network, Noise()));
    }

    [Fact]
    public void Weights_that_are_all_rounded_to_zero_are_named_with_their_scale()
    {
        using Network network = new(new GraphBuilder(new Shape(1, 4, 4)).Conv(4, kernel: 3, weights: new(2, WeightScale.BnnPynq)).BatchNorm().Relu().GlobalAveragePool().Flatten().Linear(Classes).ToGraph());
        Fill(network, "conv1.weight", 0.1f);

        string notice = Notice(network, Noise())!;

        Assert.Contains("The value of conv1 (conv) is the same for each of 64 images, because all its weights are rounded to 0 at the scale 1.", notice);
        Assert.Contains("another quantization.weight_quantizer; more bits in quantization.overrides, { layers: conv1, weight_bit_width: 4 }", notice);
    }

    [Fact]
    public void Channels_that_are_zero_are_counted_where_half_of_them_or_more_are()
    {
        using Network network = Small();
        using (no_grad()) network.State.First(entry => entry.Name == "bn1.bias").Tensor.copy_(tensor([-1000f, -1000f, -1000f, 0f]));

        Assert.Contains(" 3 of the 4 channels of relu1 (relu) are 0 for each of 64 images. ", Notice(network, Noise()));
    }

    [Fact]
    public void A_network_without_such_a_node_is_told_the_usual_keys()
    {
        using Network network = Small();
        Fill(network, "quant1.threshold.value", 0.5f);
        string notice = Notice(network, Noise())!;

        Assert.Contains(" Every layer tells images apart. The learning rate is 0.1. What can help: a smaller optimizer.clip_norm; ", notice);
    }

    [Fact]
    public void A_rate_far_above_the_default_comes_first()
    {
        using Network network = Small();
        Fill(network, "quant1.threshold.value", 1e6f);
        Assert.EndsWith("the learning rate is 10. Lower optimizer.learning_rate: the default of sgd is 0.1.", Notice(network, Noise(), rate: 10));
    }

    [Fact]
    public void Images_that_are_all_equal_are_the_reason()
    {
        using Network network = Small();
        Assert.EndsWith(" The training images that were looked at are all equal. Look into their files and dataset.root.", Notice(network, new byte[Images * 16]));
    }

    [Fact]
    public void The_same_is_not_said_twice()
    {
        using Network network = Small();
        using DatasetSplits data = Data(Noise(), Even);
        using var images = new ProbeImages(data, 64, 1);
        var chance = new ChanceLevel(network, data, images, new Advice(network.Graph, new()));
        Fill(network, "quant1.threshold.value", 1e6f);

        Assert.NotNull(chance.Notice(Epoch(0.25, 0.25), Batches));
        Assert.Null(chance.Notice(Epoch(0.26, 0.25), Batches));
        Fill(network, "quant1.threshold.value", 0.5f);
        Assert.Contains("Every layer tells images apart", chance.Notice(Epoch(0.25, 0.25), Batches));
    }

    [Theory]
    [InlineData(0.25, 0.25, Batches, true)]
    [InlineData(0.31, 0.31, Batches, true)]   // within three deviations of 400 images
    [InlineData(0.35, 0.25, Batches, false)]
    [InlineData(0.25, 0.35, Batches, false)]   // learned within the epoch
    [InlineData(0.25, 0.25, 3, false)]
    [InlineData(0.05, 0.05, Batches, true)]
    public void It_is_chance_where_training_and_evaluation_are(double training, double test, int batches, bool isChance)
    {
        using Network network = Small();
        Assert.Equal(isChance, Notice(network, Noise(), training: training, test: test, batches: batches) is not null);
    }

    [Theory]
    [InlineData(0.91, true)]
    [InlineData(0.97, false)]
    public void The_share_of_the_largest_class_is_chance_where_classes_are_unequal(double accuracy, bool isChance)
    {
        using Network network = Small();
        Assert.Equal(isChance, Notice(network, Noise(), label: i => i % 10 == 0 ? 1 : 3, training: accuracy, test: accuracy) is { } notice && notice.Contains("90.00 % of the training images are of the class d"));
    }

    [Fact]
    public void Of_one_class_nothing_is_said_after_an_epoch_since_the_start_has_said_it()
    {
        using Network network = Small();
        Assert.Null(Notice(network, Noise(), label: _ => 2, training: 1, test: 1));
    }

    static string? Notice(Network network, byte[] pixels, Func<int, int>? label = null, double training = 0.25, double test = 0.25, int batches = Batches, double rate = 0.1)
    {
        using DatasetSplits data = Data(pixels, label ?? Even);
        using var images = new ProbeImages(data, 64, 1);
        return new ChanceLevel(network, data, images, new Advice(network.Graph, new())).Notice(Epoch(training, test, rate), batches);
    }

    static int Even(int image) => image % Classes;

    static EpochResult Epoch(double training, double test, double rate = 0.1) => new(1, rate, new(2, training, null), null, new(2, test, null), 1, 1, 1, 1);

    static DatasetSplits Data(byte[] pixels, Func<int, int> label)
    {
        var images = new ImagesInMemory(pixels, [.. Enumerable.Range(0, Images).Select(label)]);
        return new(new("noise", 1, 4, 4, ["a", "b", "c", "d"], [0.5f], [0.5f]), images, images);
    }

    static byte[] Noise()
    {
        byte[] pixels = new byte[Images * 16];
        new Random(1).NextBytes(pixels);
        return pixels;
    }

    static Network Small()
    {
        var network = new Network(new GraphBuilder(new Shape(1, 4, 4)).Normalize([127.5], [127.5]).Conv(4, kernel: 3, weights: new(2)).BatchNorm().Relu()
            .Quantize(new ActivationQuantizer(1, CollectStatisticsSteps: 0)).GlobalAveragePool().Flatten().Linear(Classes).ToGraph());
        using var _ = no_grad();
        network.State.First(entry => entry.Name == "conv1.weight").Tensor.mul_(CachedScalar.Of(4));   // batch norms that have seen nothing leave values as small as initial weights make them
        return network;
    }

    static void Fill(Network network, string name, float value)
    {
        using var _ = no_grad();
        network.State.First(entry => entry.Name == name).Tensor.fill_(CachedScalar.Of(value));
    }
}
