using System.Text.Json;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class BenchTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Train_gives_every_variant_s_times_memory_and_limits_as_JSON()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path,
            "bench", "train", "--image-size", "16", "--batch", "8", "--steps", "2", "--only", "Float", "--only", "Quantized", "--profile", "--roofline", "--json");
        Assert.True(exitCode == 0, errors);
        JsonElement[] variants = [.. JsonDocument.Parse(output).RootElement.GetProperty("variants").EnumerateArray()];

        Assert.Equal(["float", "quantized"], variants.Select(variant => variant.GetProperty("variant").GetString()));
        foreach (JsonElement variant in variants)
        {
            Assert.Equal(2, variant.GetProperty("seconds").GetArrayLength());
            Assert.InRange(variant.GetProperty("peak_bytes").GetInt64(), 50 << 20, 4L << 30);
            JsonElement limits = variant.GetProperty("roofline");
            double least = limits.GetProperty("flops").GetDouble() / limits.GetProperty("flops_per_second").GetDouble();
            Assert.InRange(least, 0, variant.GetProperty("median_seconds").GetDouble());
            Assert.Contains(variant.GetProperty("profile").EnumerateArray(), kind => kind.GetProperty("kind").GetString() == "conv");
        }
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Epoch_compares_an_epoch_with_its_steps()
    {
        folder.Write("run.yaml", """
            dataset: { name: digits, limit: 96, image_size: 8 }
            model: { name: quant_resnet20 }
            training: { batch_size: 32, epochs: 1 }
            scheduler: { warmup_epochs: 0 }
            """);
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "bench", "epoch", "run.yaml", "--steps", "2");
        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("quant_resnet20, 3 training batches of 32 and 12 of test images:", output);
        Assert.Contains("times as long", output);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Infer_gives_the_memory_that_each_file_takes_in_a_process_of_its_own()
    {
        Write("small.onnx", 8);
        Write("large.onnx", 40_000);   // 10,240,000 weights, 41 MB
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "bench", "infer", "large.onnx", "small.onnx", "--batch", "1", "--threads", "1", "--runs", "2", "--json");
        Assert.True(exitCode == 0, errors);
        JsonElement[] files = [.. JsonDocument.Parse(output).RootElement.GetProperty("networks").EnumerateArray()];

        Assert.Equal(["large.onnx", "small.onnx"], files.Select(file => file.GetProperty("network").GetString()));
        Assert.All(files, file => Assert.Equal(2, file.GetProperty("seconds").GetArrayLength()));
        long[] peaks = [.. files.Select(file => file.GetProperty("peak_bytes").GetInt64())];
        Assert.InRange(peaks[1], 10 << 20, 1 << 30);
        Assert.InRange(peaks[0] - peaks[1], 35_000_000, 300_000_000);
    }

    [Fact]
    public void The_process_that_measures_memory_ends_with_the_one_that_started_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the shell is Unix's");
        Write("small.onnx", 8);
        // Its standard input is at its end, as when that process is gone.
        var (exitCode, output) = LowbitProcess.RunInShell(folder.Path, "bench infer small.onnx --batch 4096 --threads 1 --only-peak", "< /dev/null");
        Assert.Equal(128 + 9, exitCode);
        Assert.Empty(output);
    }

    void Write(string file, int features)
    {
        using var network = new Network(new GraphBuilder(new Shape(1, 16, 16)).Flatten().Linear(features).Relu().Linear(2).ToGraph());
        OnnxExport.Write(network, folder.PathOf(file), new() { Batch = null });
    }

    [Theory]
    [InlineData("train", "--model", "quant_resnet21")]
    [InlineData("train", "--steps", "0")]
    [InlineData("train", "--set", "quantization.residual=rely")]
    [InlineData("train", "--set", "training.epochs=2")]
    [InlineData("epoch", "absent.yaml")]
    public void What_cannot_be_is_told_in_a_sentence(params string[] arguments)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, ["bench", .. arguments]);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.NotEmpty(errors);
    }
}
