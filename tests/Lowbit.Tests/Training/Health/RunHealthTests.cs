using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training.Health;

/// <summary>The state of the layers in the files of a run, and after it is continued.</summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class RunHealthTests : IDisposable
{
    const int Epochs = 4;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_quantized_run_has_a_row_for_each_epoch_and_quantizer_and_hands_them_to_its_observer()
    {
        var observer = new Results();
        RunResult result = Run(Small("run"), observer);

        Assert.Equal(result.Epochs.Select(epoch => epoch.Health), observer.Epochs.Select(epoch => epoch.Health));
        string[][] rows = [.. Rows("run")];
        Assert.Equal(Epochs * result.Epochs[0].Health.Count, rows.Length);
        Assert.Equal(result.Epochs.SelectMany(epoch => epoch.Health.Select(layer => $"{epoch.Epoch},{layer.Node}")), rows.Select(row => $"{row[0]},{row[1]}"));
        Assert.All(rows.Where(row => row[2] == "weights"), row => Assert.Equal((row[0] == "1", int.Parse(row[0]) <= 2), (row[10].Length == 0, row[11].Length == 0)));
        Assert.Contains(rows, row => row[2] == "weights" && row[0] == "2" && row[10] != "0");
    }

    [Fact]
    public void A_float_run_has_none()
    {
        RunResult result = Run(Small("run"), quantized: false);

        Assert.All(result.Epochs, epoch => Assert.Empty(epoch.Health));
        Assert.False(File.Exists(result.Folder!.Health));
    }

    [Theory]
    [InlineData("health.csv")]
    [InlineData("metrics.csv")]
    [InlineData("checkpoints/latest.safetensors")]
    public void A_run_that_ends_between_its_files_keeps_the_rows_of_finished_epochs_and_goes_on(string obstacle)
    {
        string file = folder["noise", "run", obstacle], aside = file + ".aside";
        string[] finished = [];
        Assert.Throws<LowbitException>(() => Run(Small("run"), new AfterEpoch(2, () =>
        {
            finished = File.ReadAllLines(folder["noise", "run", "health.csv"]);
            File.Move(file, aside);
            Directory.CreateDirectory(Path.Combine(file, "inside"));
        })));
        Directory.Delete(file, recursive: true);
        File.Move(aside, file);

        Run(Small("run") with { Checkpoint = Small("run").Checkpoint with { Resume = folder["noise", "run"] } });

        Assert.Equal(finished, File.ReadLines(folder["noise", "run", "health.csv"]).Take(finished.Length));
        string[][] rows = [.. Rows("run")], second = [.. rows.Where(row => row[0] == "2")];
        Assert.Equal(Enumerable.Range(1, Epochs).SelectMany(epoch => second.Select(row => $"{epoch},{row[1]}")), rows.Select(row => $"{row[0]},{row[1]}"));
        Assert.All(rows.Where(row => row[2] == "weights"), row => Assert.Equal((row[0] is "1" or "3", true), (row[10].Length == 0, row[11].Length == 0)));
    }

    [Fact]
    public void Rows_of_epochs_after_the_checkpoint_that_is_continued_are_dropped()
    {
        RunResult whole = Run(Small("run") with { Checkpoint = Small("run").Checkpoint with { SaveFrequency = 1 } });
        string last = File.ReadAllLines(whole.Folder!.Health)[^1];
        File.AppendAllText(whole.Folder.Health, last.Replace("4,", "9,", StringComparison.Ordinal) + "\n");

        RunResult again = Run(Small("run") with { Checkpoint = Small("run").Checkpoint with { SaveFrequency = 1, Resume = whole.Folder.Epoch(1) } });

        Assert.Equal([1, 2, 3, 4], Rows("run").Select(row => int.Parse(row[0])).Distinct());
        Assert.Equal(whole.Epochs[0].Health.Count, again.Epochs[0].Health.Count);
    }

    [Fact]
    public void A_run_that_diverges_in_a_later_epoch_leaves_the_files_of_those_before()
    {
        RunConfiguration small = SmallRun.Configuration(folder.Path);
        RunFolder run = TrainingRun.Run(small, new SilentObserver(), CancellationToken.None).Folder!;
        string[] files = [run.Latest, run.Best, run.Metrics, run.Health];
        byte[][] before = [.. files.Select(File.ReadAllBytes)];

        Assert.Throws<LowbitException>(() => TrainingRun.Run(
            small with
            {
                Training = small.Training with { Epochs = 3 },
                Optimizer = small.Optimizer with { LearningRate = 1e20 },
                Checkpoint = small.Checkpoint with { Resume = run.Path },
            },
            new SilentObserver(), CancellationToken.None));

        Assert.Equal(before, files.Select(File.ReadAllBytes));
    }

    [Fact]
    public void A_run_at_chance_level_says_so_once()
    {
        var observer = new Results();
        Run(Small("run") with { Optimizer = new() { LearningRate = 1e-9 } }, observer);

        Assert.Single(observer.Notices, notice => notice.StartsWith("epoch 1 is at chance level: ", StringComparison.Ordinal));
        string[] reasons = [.. observer.Notices.Where(notice => notice.Contains("chance level")).Select(notice => notice[notice.IndexOf("class a.", StringComparison.Ordinal)..])];
        Assert.Equal(reasons.Distinct(), reasons);
    }

    IEnumerable<string[]> Rows(string run) => File.ReadLines(folder["noise", run, "health.csv"]).Skip(1).Select(line => line.Split(','));

    RunOptions Small(string name) => new()
    {
        Training = new() { BatchSize = 32, Epochs = Epochs },
        Optimizer = new() { LearningRate = 0.05 },
        Checkpoint = new() { Dir = folder.Path, ExperimentName = name },
    };

    /// <summary>Trains a small network on noise, which gets some classes right by heart.</summary>
    static RunResult Run(RunOptions options, ITrainingObserver? observer = null, bool quantized = true)
    {
        byte[] pixels = new byte[128 * 64];
        new Random(1).NextBytes(pixels);
        var images = new ImagesInMemory(pixels, [.. Enumerable.Range(0, 128).Select(image => image % 4)]);
        using var data = new DatasetSplits(new("noise", 1, 8, 8, ["a", "b", "c", "d"], [0.5f], [0.5f]), images, images);
        Graph graph = new GraphBuilder(data.Info.Shape).Normalize([127.5], [127.5]).ConvBnRelu(4, kernel: 3).ConvBnRelu(8, kernel: 3).GlobalAveragePool().Linear(4).ToGraph();
        return TrainingRun.Run(quantized ? graph.Quantize(new QuantizationSpec { WeightBitWidth = 3, ActivationBitWidth = 3, CollectStatisticsSteps = 2 }) : graph, data, options, observer);
    }

    sealed class Results : SilentObserver
    {
        public List<EpochResult> Epochs { get; } = [];

        public List<string> Notices { get; } = [];

        public override void Notice(string message) => Notices.Add(message);

        public override void EpochFinished(EpochResult result, bool isBest) => Epochs.Add(result);
    }

    sealed class AfterEpoch(int epoch, Action act) : SilentObserver
    {
        public override void EpochFinished(EpochResult result, bool isBest)
        {
            if (result.Epoch == epoch) act();
        }
    }
}
