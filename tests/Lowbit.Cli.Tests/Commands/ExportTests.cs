using Lowbit.Export;
using Lowbit.Tests;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class ExportTests : IDisposable
{
    const string Small = """
        dataset: { name: digits, limit: 64, image_size: 8 }
        model: { name: quant_resnet20 }
        quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 2 }
        training: { batch_size: 32, epochs: 1 }
        scheduler: { warmup_epochs: 0 }
        checkpoint: { experiment_name: one }
        """;

    readonly TemporaryFolder folder = new();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_is_exported_verified_and_accompanied_by_test_vectors()
    {
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", folder.Write("run.yaml", Small)).ExitCode);
        string run = Path.Combine("experiments", "digits", "one");

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "export", run, "--format", "qonnx", "-o", "model.onnx", "--test-vectors", "vectors.safetensors", "--test-images", "8");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("verified on 256 test images", output);
        Assert.DoesNotContain("NNPACK", errors);
        using var scope = torch.NewDisposeScope();
        var vectors = Safetensors.Read(folder.PathOf("vectors.safetensors")).Tensors;
        Assert.Equal([8, 1, 8, 8], vectors["x"].shape);
        using var network = OnnxNetwork.Load(folder.PathOf("model.onnx"));
        Assert.InRange((network.Run(vectors["x"]) - vectors["eval_logits"]).abs().max().item<double>(), 0, 1e-5 * vectors["eval_logits"].abs().max().item<float>());

        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "export", run, "--format", "qcdq", "-o", "standard.onnx", "--batch", "open", "--target", "onnxruntime", "--bench");
        Assert.True(exitCode == 0, errors);
        Assert.Contains(" integers (", output);
        Assert.Matches(@"accuracy on all \d+ test images: ", output);
        Assert.Matches(@"ONNX Runtime computes (\d+) of \1 convolutions and matrix products in integers: ", output);
        Assert.Contains(" x the float network's ", output);

        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "export", run, "--format", "integers", "-o", "model.json");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("verified on 256 test images: the network's integers, in double precision, at every node", output);
        Assert.Contains(" with a multiplier, an addend and a shift, ", output);
        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "eval", "model.json", "--dataset", "digits", "--image-size", "8");
        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("model.json, ", output);
        Assert.Contains("top-1", output);
    }

    [Theory]
    [InlineData(2, "export", "run", "-o", "model.onnx", "--format", "tflite")]
    [InlineData(2, "export", "run", "-o", "model.onnx", "--batch", "some")]
    [InlineData(2, "export", "run", "-o", "model.onnx", "--weights", "bits")]
    [InlineData(2, "bench", "infer", "absent.onnx", "--batch", "1,none")]
    [InlineData(1, "bench", "infer", "absent.onnx")]
    [InlineData(2, "export", "run", "-o", "model.json", "--format", "integers", "--batch", "2")]
    [InlineData(2, "export", "run")]
    [InlineData(1, "eval", "absent.json", "--dataset", "digits")]
    [InlineData(2, "eval", "absent.json")]
    [InlineData(2, "eval", "absent.json", "--dataset", "digits", "--input", "unit")]
    [InlineData(1, "export", "absent", "-o", "model.onnx")]
    public void What_cannot_be_exported_is_told_in_a_sentence(int expected, params string[] arguments)
    {
        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, arguments);

        Assert.Equal(expected, exitCode);
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors);
    }

    public void Dispose() => folder.Dispose();
}
