using Lowbit.Configuration;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using Lowbit.Tests;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class ImportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_state_of_Brevitas_becomes_a_run_that_eval_training_and_export_take()
    {
        string[] bits = ["--set", "quantization.weight_bit_width=4", "--set", "dataset.image_size=8", "--set", "dataset.limit=64", "--set", "training.epochs=1"];
        RunConfiguration configuration = ConfigurationReader.Parse("model: { name: quant_resnet20 }\ndataset: { name: digits, image_size: 8 }\nquantization: { weight_bit_width: 4 }\n", "test").Configuration;
        using (var network = new Network(ConfiguredModel.Build(configuration, Data.Datasets.Describe(configuration.Dataset))))
            Safetensors.Write(folder.PathOf("state.safetensors"), BrevitasState.Export(network));

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, ["import", "--from-brevitas", "state.safetensors", "--model", "quant_resnet20", "--dataset", "digits", "-o", "run", .. bits]);

        Assert.True(exitCode == 0, errors);
        Assert.Contains("relu1.act_quant.fused_activation_quant_proxy.tensor_quant.scaling_impl.value", output);
        Assert.Contains("the run is in run\n", output);
        Assert.Contains("weights 8 (first), 4, 8 (last), activations 8", output);
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "export", "run", "--format", "safetensors", "-o", "back.safetensors", "--like", "state.safetensors").ExitCode);
        Assert.Equal(File.ReadAllBytes(folder.PathOf("state.safetensors")), File.ReadAllBytes(folder.PathOf("back.safetensors")));
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "eval", "run", "--limit", "32").ExitCode);
        var resumed = LowbitProcess.Run(folder.Path, "train", "--resume", "run");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
    }

    [Theory]
    [InlineData(2, "import", "--from-brevitas", "absent.safetensors")]
    [InlineData(2, "import", "--from-brevitas", "absent.safetensors", "--model", "quant_cvn")]
    [InlineData(1, "import", "--from-brevitas", "absent.safetensors", "--model", "quant_cnv")]
    [InlineData(2, "export", "run", "--format", "safetensors", "--opset", "13", "-o", "state.safetensors")]
    public void What_cannot_be_moved_is_told_in_a_sentence(int expected, params string[] arguments)
    {
        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, arguments);

        Assert.Equal(expected, exitCode);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("something is wrong in Lowbit", errors);
    }

    public void Dispose() => folder.Dispose();
}
