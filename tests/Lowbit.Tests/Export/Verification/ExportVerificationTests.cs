using System.Runtime.InteropServices;
using Google.Protobuf;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Export.Writing;
using Lowbit.Networks;
using Onnx;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export.Verification;

public sealed class ExportVerificationTests(ExportVerificationTests.TrainedOnce fixture) : IClassFixture<ExportVerificationTests.TrainedOnce>, IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");
    readonly TrainedNetwork trained = fixture.Network;

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(ExportFormat.Qonnx, "stage2.block1.relu1.quant.scale")]
    [InlineData(ExportFormat.Qonnx, "stage1.block1.conv1.weight")]
    [InlineData(ExportFormat.Qcdq, "stage1.block1.bn1.bias")]
    [InlineData(ExportFormat.Elementary, "stage1.block1.conv1.weight")]
    public void A_file_that_says_something_else_than_the_network_is_not_kept(ExportFormat format, string constant)
    {
        var options = new ExportOptions { Format = format };
        ModelProto model = NetworkWriter.Write(trained.Network, options);
        Change(model, constant, (value, _) => value * 1.1f + 0.01f);
        File.WriteAllText(path, "an older file");

        var refusal = Assert.Throws<LowbitException>(() => OnnxExport.Keep(model, trained.Network, path, options, trained.Images));

        Assert.StartsWith($"{path} is not kept: ", refusal.Message);
        Assert.Equal("an older file", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*"));
    }

    /// <summary>8-bit networks have so many steps that some image of 64 hangs on a tie: single precision and double part there, and nowhere else.</summary>
    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Rounding_ties_are_proven_and_counted()
    {
        ExportReport report = OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, BatchNorm = BatchNormForm.Keep, Batch = null }, trained.Images);

        Assert.InRange(report.Difference, 0, 1e-12);
        Assert.All(report.Runs, run => Assert.InRange(run.Ties, 1, 63));
        Assert.All(report.Runs, run => Assert.InRange(run.Difference, 0, 2e-6));
    }

    /// <summary>A norm's shift takes the value that lies nearest to a tie over it, as weights in float32 do, or others of its channel too.</summary>
    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(2e-6, true)]
    [InlineData(1e-2, false)]
    public void A_value_may_pass_a_tie_in_double_precision_where_weights_are_rounded(double beyond, bool isKept)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Network exact = DoublePrecision.Of(trained.Network);
        Tensor levels = QuantizerLevels.Of(exact, trained.Images)["stage1.block1.relu1.quant"].clamp(CachedScalar.Of(0L), CachedScalar.Of(255L)), distances = (levels.frac() - CachedScalar.Of(0.5)).abs();
        long nearest = distances.argmin().item<long>();
        int channel = (int)(nearest / (levels.shape[2] * levels.shape[3]) % levels.shape[1]);
        double level = levels.flatten()[nearest].item<double>(), toTheTie = Math.Floor(level) + 0.5 - level;
        double step = exact.ActivationOf("stage1.block1.relu1.quant").EvaluationScale.Scale.item<double>();
        var options = new ExportOptions { Format = ExportFormat.Elementary, Batch = null };
        ModelProto model = NetworkWriter.Write(trained.Network, options);
        Change(model, "stage1.block1.bn1.bias", (value, i) => i == channel ? (float)(value + (toTheTie + Math.CopySign(beyond, toTheTie)) * step) : value);

        if (isKept) Assert.InRange(OnnxExport.Keep(model, trained.Network, path, options, trained.Images).Ties, 1, 63);
        else Assert.Contains("no rounding tie explains it", Assert.Throws<LowbitException>(void () => OnnxExport.Keep(model, trained.Network, path, options, trained.Images)).Message);
    }

    [Fact]
    public void An_integer_that_differs_far_from_a_tie_is_no_tie()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Network exact = DoublePrecision.Of(trained.Network);
        Tensor images = trained.Images.narrow(0, 0, 4);
        var integers = TieSearch.IntegersOf(exact, images);
        integers["stage1.block2.relu1.quant"][2, 3, 4, 5].add_(CachedScalar.Of(1L), CachedScalar.Of(1L));
        integers["stage3.block1.relu1.quant"][1, 0, 0, 0].add_(CachedScalar.Of(1L), CachedScalar.Of(1L));

        Assert.Equal([false, false, false, false], new TieSearch(exact, 1e-3).FirstDifferAtTies(images, integers));
    }

    static void Change(ModelProto model, string constant, Func<float, int, float> change)
    {
        TensorProto tensor = model.Graph.Initializer.Single(initializer => initializer.Name == constant);
        float[] values = [.. MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray().Select(change)];
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    public void Dispose() => File.Delete(path);

    public sealed class TrainedOnce : IDisposable
    {
        internal TrainedNetwork Network { get; } = TrainedNetwork.Of("name: quant_resnet20", "weight_bit_width: 8, act_bit_width: 8", 16, images: 64);

        public void Dispose() => Network.Dispose();
    }
}
