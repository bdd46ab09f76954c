using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>A run that is interrupted and continued ends with the bits of one that is not, whatever it is made of.</summary>
[Collection(nameof(Data.AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class ContinuedIngredientsTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lowbit-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("optimizer: { decay_norms: false, decay_biases: false, scale_rate_factor: 0.1 }")]
    [InlineData("optimizer: { name: adamw, decay_norms: false, scale_rate_factor: 0.1 }")]
    [InlineData("scheduler: { name: one_cycle }")]
    [InlineData("quantization: { weight_quantizer: lsq, act_quantizer: lsq, weight_normalization: layer }")]
    [InlineData("quantization: { weight_normalization: channel }")]
    [InlineData("dataset: { horizontal_flip: true, alternating_flip: true, cutout: 4, random_erasing: 0.5 }")]
    public void A_run_goes_on_to_the_same_end(string ingredients)
    {
        RunConfiguration configuration = Configuration(ingredients, folder.FullName);
        RunResult whole = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        using var source = new CancellationTokenSource();
        RunResult stopped = TrainingRun.Run(configuration, new StopsAfterAnEpoch(source), source.Token);
        Assert.True(stopped.Interrupted);

        RunResult resumed = TrainingRun.Run(configuration with { Checkpoint = configuration.Checkpoint with { Resume = stopped.Folder!.Path } }, new SilentObserver(), CancellationToken.None);

        using Safetensors expected = Safetensors.Read(whole.Folder!.Latest), actual = Safetensors.Read(resumed.Folder!.Latest);
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        Assert.All(expected.Tensors, entry => Assert.True(entry.Value.bytes.SequenceEqual(actual.Tensors[entry.Key].bytes), entry.Key));
        Assert.NotEqual(Usual.Value, LossOf(whole));   // it has an effect
    }

    static Lazy<double> Usual { get; } = new(() => LossOf(TrainingRun.Run(Configuration("", "unused") with { Checkpoint = new() { Enabled = false } }, new SilentObserver(), CancellationToken.None)));

    static double LossOf(RunResult run) => run.Epochs[^1].Train.Loss;

    static RunConfiguration Configuration(string ingredients, string folder) => ConfigurationReader.Parse($$"""
        dataset: { name: digits, limit: 64, image_size: 8, num_workers: 1{{In("dataset", ingredients)}} }
        model: { name: quant_resnet8 }
        quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 2{{In("quantization", ingredients)}} }
        training: { batch_size: 32, epochs: 2 }
        checkpoint: { dir: {{folder}} }
        {{(ingredients.StartsWith("dataset", StringComparison.Ordinal) || ingredients.StartsWith("quantization", StringComparison.Ordinal) ? "" : ingredients)}}
        """, "run.yaml").Configuration;

    /// <summary>The keys of a section, appended to its other keys.</summary>
    static string In(string section, string ingredients) => ingredients.StartsWith(section, StringComparison.Ordinal)
        ? ", " + ingredients[(ingredients.IndexOf('{', StringComparison.Ordinal) + 1)..ingredients.LastIndexOf('}')]
        : "";

    sealed class StopsAfterAnEpoch(CancellationTokenSource source) : SilentObserver
    {
        public override void EpochFinished(EpochResult result, bool isBest) => source.Cancel();
    }
}
