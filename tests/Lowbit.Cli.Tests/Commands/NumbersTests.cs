using Lowbit.Tests;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>Numbers that are none end a command with a sentence and the right exit code.</summary>
public sealed class NumbersTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Batches_of_one_image_that_a_batch_norm_cannot_take_end_with_2_and_the_key()
    {
        string config = folder.Write("run.yaml", "dataset: { name: digits }\nmodel: { name: quant_cnv }\ntraining: { batch_size: 1 }\n");

        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, "train", config);

        Assert.Equal(2, exitCode);
        Assert.Contains("training.batch_size is 1", Assert.Single(errors.TrimEnd('\n').Split('\n')));
        Assert.False(Directory.Exists(folder.PathOf("experiments")));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Weights_that_are_no_numbers_end_evaluation_export_and_continuation_with_1_and_their_name()
    {
        string config = folder.Write("run.yaml", "dataset: { name: digits, limit: 64, image_size: 8 }\nmodel: { name: resnet20 }\ntraining: { batch_size: 64, epochs: 1 }\n");
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", config, "--set", "checkpoint.experiment_name=run").ExitCode);
        string file = folder.PathOf("experiments", "digits", "run", "checkpoints", "latest.safetensors");
        using (Safetensors whole = Safetensors.Read(file))
        {
            whole.Tensors["conv1.weight"].fill_(float.NaN);
            Safetensors.Write(file, whole.Tensors.Select(entry => (entry.Key, entry.Value)), whole.Metadata);
        }

        foreach (string[] arguments in new[] { new[] { "eval", file }, ["export", file, "-o", "x.onnx"], ["train", "--resume", file] })
        {
            var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, arguments);
            Assert.Equal(1, exitCode);
            Assert.Contains("conv1.weight is NaN at [0, 0, 0, 0]", Assert.Single(errors.TrimEnd('\n').Split('\n')));
        }
        Assert.False(File.Exists(folder.PathOf("x.onnx")));
    }
}
