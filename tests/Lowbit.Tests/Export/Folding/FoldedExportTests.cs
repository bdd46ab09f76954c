using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Tests.Integers;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export.Folding;

/// <summary>Standard ONNX with folded batch norms: ONNX Runtime computes every layer in integers, and they are the integer network's.</summary>
[Collection(nameof(Data.AloneCollection))]
public sealed class FoldedExportTests : IDisposable
{
    /// <summary>A ReLU between two batch norms: a function with a bend, which no scale and bias compute.</summary>
    const string Crooked = "relu and norm in turn";

    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    public static IEnumerable<TheoryDataRow<string, int, WeightStorage>> Cases => Combined((1, WeightStorage.Bits), (4, WeightStorage.Int4), (6, WeightStorage.Int8));

    public static IEnumerable<TheoryDataRow<string, int, WeightStorage>> MoreCases => Combined((1, WeightStorage.Int4), (2, WeightStorage.Int4), (2, WeightStorage.Bits), (3, WeightStorage.Bits), (3, WeightStorage.Int8), (4, WeightStorage.Bits), (5, WeightStorage.Bits), (7, WeightStorage.Bits));

    static IEnumerable<TheoryDataRow<string, int, WeightStorage>> Combined(params (int Bits, WeightStorage Weights)[] forms) =>
        from kind in Blocks.Kinds.Except([Crooked]) from form in forms select new TheoryDataRow<string, int, WeightStorage>(kind, form.Bits, form.Weights);

    [Theory, MemberData(nameof(Cases))]
    public void Every_kind_of_block_runs_in_integers(string kind, int bits, WeightStorage weights) => RunsInIntegers(kind, bits, weights);

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests)), MemberData(nameof(MoreCases)), Trait("Category", "Long")]
    public void Every_kind_of_block_runs_in_integers_at_other_bits_and_forms(string kind, int bits, WeightStorage weights) => RunsInIntegers(kind, bits, weights);

    void RunsInIntegers(string kind, int bits, WeightStorage weights)
    {
        using var trained = new TrainedLike(Blocks.Network(kind, bits, perChannel: true), seed: bits, images: 24);
        ExportReport report = Export(trained, new() { Weights = weights });

        Assert.Null(report.NotFolded);
        Assert.Equal(0, RuntimeGraph.Of(path).FloatProducts);
        Assert.True(report.Folded!.Integers > 1000);
        // Weights of few bits leave room for a factor that makes the bias fine enough, but for few of the sums that become 8 bits.
        if (bits < 4) Assert.InRange(report.Folded.Share, 0, 1e-4);
    }

    [Theory]
    [InlineData(WeightStorage.Int8, 13)]
    [InlineData(WeightStorage.Int4, 21)]
    [InlineData(WeightStorage.Bits, 18)]
    public void Layers_of_different_bits_keep_their_logits_in_every_form_of_weights(WeightStorage weights, int opset)
    {
        using var trained = new TrainedLike(Blocks.Mixed(perChannel: true), seed: 5, images: 16);
        Export(trained, new() { Weights = weights });

        Assert.Equal(opset, OnnxModel.Read(path).Opset);
        AssertEnginesAgree(trained.Images);
    }

    [Theory]
    [InlineData(ExportTarget.Any, 21)]
    [InlineData(ExportTarget.OpenVino, 21)]
    [InlineData(ExportTarget.OnnxRuntime, 18)]
    public void A_target_takes_the_smallest_weights_that_it_computes_in_integers(ExportTarget target, int opset)
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 2, perChannel: true), seed: 1);
        Export(trained, new() { Target = target });
        Assert.Equal(opset, OnnxModel.Read(path).Opset);
        AssertEnginesAgree(trained.Images);
    }

    /// <summary>Weights that fill 8 bits leave no room for a factor: a few sums are rounded to the neighbouring integer.</summary>
    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("name: quant_resnet20", 8)]
    [InlineData("name: quant_mobilenetv1, width: 0.25", 32)]   // sums of nine products, some hundred for an output
    public void A_network_of_8_bits_has_next_to_no_other_integer(string model, int imageSize)
    {
        using var trained = TrainedNetwork.Of(model, "weight_bit_width: 8, act_bit_width: 8", imageSize, steps: 8, images: 32);
        ExportReport report = OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null }, trained.Images);

        Assert.Null(report.NotFolded);
        Assert.Equal(0, RuntimeGraph.Of(path).FloatProducts);
        Assert.InRange(report.Folded!.Differing, 1, report.Folded.Integers / 2000);
    }

    /// <summary>The factor that keeps every boundary is not in the 4 bits, but beside them.</summary>
    [Fact]
    public void Four_bit_weights_take_half_a_byte_for_any_target_and_cost_no_integers()
    {
        using var trained = new TrainedLike(Wide(4), seed: 4);
        Assert.InRange(Export(trained, new()).Folded!.Share, 0, 1e-4);
        long bytes = new FileInfo(path).Length;
        Export(trained, new() { Weights = WeightStorage.Int8 });
        Assert.InRange(new FileInfo(path).Length - bytes, WideWeights / 2 - 600, WideWeights / 2 + 2000);
    }

    [Fact]
    public void Packed_weights_take_their_own_bits()
    {
        long[] bytes = [.. new[] { 1, 2, 3, 4, 5, 6, 7, 8 }.Select(BytesOf)];
        for (int bits = 2; bits <= 8; bits++) Assert.InRange(bytes[bits - 1] - bytes[bits - 2], WideWeights / 8 - 600, WideWeights / 8 + 600);

        long BytesOf(int bits)
        {
            using var trained = new TrainedLike(Wide(bits), seed: bits);
            Export(trained, new() { Target = ExportTarget.OnnxRuntime });
            AssertEnginesAgree(trained.Images);
            return new FileInfo(path).Length;
        }
    }

    const long WideWeights = 64 * 64 * 9;

    /// <summary>A convolution with so many weights between two small layers of 8 bits.</summary>
    static Graph Wide(int bits)
    {
        var weights = new WeightQuantizer(bits, bits == 1 ? WeightScale.MeanAbs : WeightScale.MaxAbs);
        var activations = new ActivationQuantizer(4, CollectStatisticsSteps: 2);
        return new GraphBuilder(new Shape(3, 8, 8)).Quantize(new(8, Signed: true, CollectStatisticsSteps: 2)).Conv(64, 3, weights: new(8)).BatchNorm().Relu().Quantize(activations)
            .Conv(64, 3, weights: weights).BatchNorm().Relu().Quantize(activations).AveragePool(8, outputBitWidth: 4).Linear(5, weights: new(8), biasBitWidth: 32).ToGraph();
    }

    [Fact]
    public void Images_may_be_normalized_before_and_come_several_at_a_time()
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 1);
        ExportReport report = Export(trained, new() { Input = ExportInput.Normalized, Batch = 3 });
        Assert.InRange(report.Folded!.Share, 0, IntegerCounts.LargestShare);
    }

    [Fact]
    public void A_network_with_zero_points_keeps_its_batch_norms_and_says_why_verified_or_not()
    {
        var shifted = new ActivationQuantizer(4, Signed: true, ActivationScale.Shifted, CollectStatisticsSteps: 2);
        using var trained = new TrainedLike(new GraphBuilder(new Shape(3, 8, 8)).Quantize(shifted).Conv(4, 3, weights: new(4)).BatchNorm().Relu().Quantize(new(4, CollectStatisticsSteps: 2)).Linear(5, weights: new(4)).ToGraph(), seed: 1);
        ExportReport report = Export(trained, new());
        Assert.Contains("zero points", report.NotFolded);
        Assert.Null(report.Folded);
        Assert.Contains("zero points", OnnxExport.Write(trained.Network, path, new() { Format = ExportFormat.Qcdq }));
        Assert.Null(OnnxExport.Write(trained.Network, path, new() { Format = ExportFormat.Qcdq, BatchNorm = BatchNormForm.Keep }));
        Assert.Throws<LowbitException>(() => Export(trained, new() { Weights = WeightStorage.Bits }));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_layer_with_a_bend_after_it_is_computed_in_float_and_gives_the_network_s_integers(int bits)
    {
        using var trained = new TrainedLike(Blocks.Network(Crooked, bits, perChannel: true), seed: 1);
        ExportReport report = Export(trained, new());
        Assert.Null(report.NotFolded);
        Assert.InRange(report.Folded!.Share, 0, 1e-5);
        RuntimeGraph graph = RuntimeGraph.Of(path);
        Assert.Equal((trained.Network.Graph.WeightedNodes.Count() - 1, 1), (graph.IntegerProducts, graph.FloatProducts));
    }

    /// <summary>The images are those that the folded file classifies otherwise: a few sums of 8 bits are rounded to the neighbouring integer.</summary>
    [Fact]
    public void A_network_that_loses_accuracy_when_it_is_folded_keeps_its_batch_norms_and_says_why()
    {
        using var scope = NewDisposeScope();
        using var trained = new TrainedLike(Wide(8), seed: 8);
        Tensor images = randint(0, 256, [24000, 3, 8, 8], generator: new Generator(1), dtype: ScalarType.Float32), classes = trained.Network.forward(images).argmax(1);
        OnnxExport.Write(trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null });
        using (var file = OnnxNetwork.Load(path, OnnxEngine.OnnxRuntime))
        {
            Tensor others = file.Run(images).argmax(1).ne(classes);
            (images, classes) = (images[others], classes[others]);
        }
        int count = (int)images.shape[0];
        Assert.True(count >= 2, "no two images are classified otherwise");

        ExportReport report = OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null }, trained.Images, [Labelled()]);
        Assert.Equal($"folded, it classifies 0 of {count} test images correctly and the network {count}; at most 0.1 % or one image may lie between", report.NotFolded);
        Assert.Null(report.Folded);
        string refusal = Assert.Throws<LowbitException>(() =>
            OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null, Weights = WeightStorage.Int8 }, trained.Images, [Labelled()])).Message;
        Assert.EndsWith("may lie between; export with --batch-norm keep", refusal);

        Batch Labelled() => new(0, images.clone(), classes.clone());
    }

    [Fact]
    public void An_image_that_cannot_be_read_is_no_reason_to_keep_batch_norms()
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 1);
        IEnumerable<Batch> unreadable = Enumerable.Range(0, 1).Select(Batch (_) => throw new LowbitException("x.png is cut short"));
        var refusal = Assert.Throws<LowbitException>(void () => OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null }, trained.Images, unreadable));
        Assert.Equal($"{path} is not kept: x.png is cut short", refusal.Message);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_file_whose_integers_are_others_is_not_kept()
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 1);
        using var other = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 2);
        trained.Network.eval();
        var folded = Lowbit.Export.Folding.FoldedNetwork.Of(trained.Network, new() { Format = ExportFormat.Qcdq, Batch = null });
        var wrong = Lowbit.Export.Folding.FoldedNetwork.Of(other.Network, new() { Format = ExportFormat.Qcdq, Batch = null });
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(wrong.Model));
        var refused = Assert.ThrowsAny<LowbitException>(() =>
            Lowbit.Export.Verification.FoldedVerification.Run(folded, trained.Network, path, new() { Format = ExportFormat.Qcdq, Batch = null }, trained.Images));
        Assert.Contains("of its integers are not the network's", refused.Message);
    }

    ExportReport Export(TrainedLike trained, ExportOptions options) =>
        OnnxExport.WriteVerified(trained.Network, path, options with { Format = ExportFormat.Qcdq, Batch = options.Batch == 1 ? null : options.Batch }, trained.Images);

    /// <summary>The interpreter in double precision and ONNX Runtime, optimized or not, give the same logits.</summary>
    void AssertEnginesAgree(Tensor images)
    {
        using var scope = NewDisposeScope();
        Tensor[] logits = [.. new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime, OnnxEngine.OnnxRuntimePlain }.Select(Run)];
        double largest = logits[0].abs().max().item<double>();
        Assert.All(logits, other => Assert.InRange((other - logits[0]).abs().max().item<double>(), 0, 1e-5 * largest));

        Tensor Run(OnnxEngine engine)
        {
            using var file = OnnxNetwork.Load(path, engine);
            return file.Run(images);
        }
    }

    public void Dispose() => File.Delete(path);
}
