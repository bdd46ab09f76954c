using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>A run that is interrupted and continued ends with the bits of one that is not, whatever it is made of.</summary>
public sealed class ContinuedIngredientsTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lowbit-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("optimizer: { decay_norms: false, decay_biases: false, scale_rate_factor: 0.1 }")]
    [InlineData("optimizer: { name: adamw, decay_norms: false, scale_rate_factor: 0.1 }")]
    [InlineData("scheduler: { name: one_cycle }")]
    public void A_run_goes_on_to_the_same_end(string ingredients)
    {
        RunConfiguration configuration = Configuration(ingredients);
        RunResult whole = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        using var source = new CancellationTokenSource();
        RunResult stopped = TrainingRun.Run(configuration, new StopsAfterAnEpoch(source), source.Token);
        Assert.True(stopped.Interrupted);

        RunResult resumed = TrainingRun.Run(configuration with { Checkpoint = configuration.Checkpoint with { Resume = stopped.Folder!.Path } }, new SilentObserver(), CancellationToken.None);

        using Safetensors expected = Safetensors.Read(whole.Folder!.Latest), actual = Safetensors.Read(resumed.Folder!.Latest), other = Safetensors.Read(Usual());
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        Assert.All(expected.Tensors, entry => Assert.True(entry.Value.bytes.SequenceEqual(actual.Tensors[entry.Key].bytes), entry.Key));
        Assert.Contains(expected.Tensors, entry => !other.Tensors.TryGetValue(entry.Key, out var tensor) || !entry.Value.bytes.SequenceEqual(tensor.bytes));   // it has an effect
    }

    string Usual() => TrainingRun.Run(Configuration(""), new SilentObserver(), CancellationToken.None).Folder!.Latest;

    RunConfiguration Configuration(string ingredients) => ConfigurationReader.Parse($$"""
        dataset: { name: digits, limit: 96, image_size: 8, num_workers: 1{{In("dataset", ingredients)}} }
        model: { name: quant_resnet8 }
        quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 2{{In("quantization", ingredients)}} }
        training: { batch_size: 32, epochs: 3 }
        checkpoint: { dir: {{folder.FullName}} }
        {{(ingredients.StartsWith("dataset", StringComparison.Ordinal) || ingredients.StartsWith("quantization", StringComparison.Ordinal) ? "" : ingredients)}}
        """, "run.yaml").Configuration;

    /// <summary>The keys of a section, to stand behind others of it.</summary>
    static string In(string section, string ingredients) => ingredients.StartsWith(section, StringComparison.Ordinal)
        ? ", " + ingredients[(ingredients.IndexOf('{', StringComparison.Ordinal) + 1)..ingredients.LastIndexOf('}')]
        : "";

    sealed class StopsAfterAnEpoch(CancellationTokenSource source) : SilentObserver
    {
        public override void EpochFinished(EpochResult result, bool isBest) => source.Cancel();
    }
}
