using Lowbit.Configuration;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>
/// A run of Lowbit 0.1 (quant_resnet20, W4A4, 96 digits, two epochs by plain operations; its checkpoint has neither a graph nor a version), with the logits that 0.1 exported as test
/// vectors then and after one more epoch.
/// </summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class Version01Tests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public Version01Tests()
    {
        Directory.CreateDirectory(folder["run", "checkpoints"]);
        foreach (string file in new[] { "config.yaml", "metrics.csv", "checkpoints/latest.safetensors" }) File.Copy(Source(file), folder["run", file]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_says_no_version_and_becomes_the_graph_that_0_1_built()
    {
        using Checkpoint checkpoint = Checkpoint.Read(folder["run", "checkpoints", "latest.safetensors"]);
        using var file = Safetensors.Read(checkpoint.Path);
        Assert.DoesNotContain("graph", file.Metadata.Keys);
        Assert.Equal("quant_resnet20", checkpoint.Configuration!.Model.Name);
        Assert.Equal(ResidualForm.Relu, checkpoint.Configuration.Quantization.Residual);
        Assert.Equal(2, checkpoint.Position.Epoch);
    }

    [Fact]
    public void It_is_evaluated_as_then()
    {
        using var scope = NewDisposeScope();
        using var vectors = Safetensors.Read(Source("after2.safetensors"));
        Close.Assert(vectors.Tensors["eval_logits"], Logits(vectors.Tensors["x"]), 1e-5, "the logits");
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void It_is_exported_as_then()
    {
        RunExport.Write(folder["run"], folder["model.onnx"], new ExportOptions());
        using var scope = NewDisposeScope();
        using var vectors = Safetensors.Read(Source("after2.safetensors"));
        using var network = OnnxNetwork.Load(folder["model.onnx"], OnnxEngine.Interpreter);
        Close.Assert(vectors.Tensors["eval_logits"], network.Run(vectors.Tensors["x"]), 1e-6, "the logits of the file");
    }

    /// <summary>
    /// Training at 4 bits turns a last bit, which another processor or number of threads gives, into other activations: one ulp more or less in each weight ends 0.33 to 0.35 of
    /// the way apart that 0.1 went in this epoch. Without the optimizer's momentum it is 0.83 of that way, with twice the learning rate 1.05.
    /// </summary>
    [Fact]
    public void It_is_continued_as_then()
    {
        using var scope = NewDisposeScope();
        using var vectors = Safetensors.Read(Source("after3.safetensors"));
        Tensor then = vectors.Tensors["eval_logits"].to(float64), before = Logits(vectors.Tensors["x"]);
        RunConfiguration configuration = ConfigurationReader.Read(folder["run", "config.yaml"], ["training.epochs=3"]).Configuration;
        TrainingRun.Run(configuration with { Checkpoint = configuration.Checkpoint with { Resume = folder["run"] } }, new SilentObserver(), CancellationToken.None);

        double way = (then - before).norm().item<double>(), apart = (then - Logits(vectors.Tensors["x"])).norm().item<double>();
        Assert.InRange(apart / way, 0, 0.5);
        using Checkpoint continued = Checkpoint.Read(folder["run", "checkpoints", "latest.safetensors"]);
        using var file = Safetensors.Read(continued.Path);
        Assert.Contains("graph", file.Metadata.Keys);
        Assert.Equal(3, continued.Position.Epoch);
    }

    /// <summary>The logits of the latest checkpoint, in evaluation.</summary>
    Tensor Logits(Tensor images)
    {
        using var _ = no_grad();
        using Checkpoint checkpoint = Checkpoint.Read(folder["run", "checkpoints", "latest.safetensors"]);
        using Network network = checkpoint.BuildNetwork();
        network.eval();
        return network.forward(images);
    }

    static string Source(string file) => Repository.PathOf($"tests/Lowbit.Tests/Training/Version01/{file}");
}
