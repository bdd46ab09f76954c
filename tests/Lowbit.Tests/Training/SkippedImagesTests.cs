using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public sealed class SkippedImagesTests : IDisposable
{
    readonly TemporaryFolder root = new();

    [Fact]
    public void Every_epoch_says_how_many_images_were_skipped_and_names_one()
    {
        WriteImages(good: 6);
        foreach (string split in new[] { "train", "val" }) File.WriteAllText(root[split, "one", "z.png"], "no image");
        var watcher = new Watcher();
        RunResult result = TrainingRun.Run(Configuration(epochs: 2), watcher, CancellationToken.None);
        Assert.Equal([2, 2], result.Epochs.Select(epoch => epoch.Skipped));
        Assert.Equal(2, watcher.Notices.Count(notice => notice.StartsWith("1 of 13 training images are skipped: ", StringComparison.Ordinal)));
        Assert.Equal(2, watcher.Notices.Count(notice => notice.StartsWith("1 of 13 test images are skipped: ", StringComparison.Ordinal)));
        Assert.Contains(watcher.Notices, notice => notice.Contains(root["train", "one", "z.png"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void Images_that_vanish_in_the_middle_of_a_run_end_it_with_a_sentence(string split)
    {
        WriteImages(good: 6);
        var watcher = new Watcher { AfterEpoch = () => Directory.Delete(root[split], recursive: true) };
        var error = Assert.Throws<LowbitException>(() => TrainingRun.Run(Configuration(epochs: 3), watcher, CancellationToken.None));
        Assert.Contains("None of 12 images can be read", error.Message);
        Assert.Contains(root[split], error.Message);
    }

    public void Dispose() => root.Dispose();

    RunConfiguration Configuration(int epochs) => new()
    {
        Dataset = new() { Name = "imagefolder", Root = root.Path, ImageSize = 32, NumWorkers = 0, Corrupt = CorruptImages.Skip },
        Model = new() { Name = "resnet20" },
        Training = new() { BatchSize = 4, Epochs = epochs },
        Checkpoint = new() { Enabled = false },
    };

    void WriteImages(int good)
    {
        var images = ImageBytes.RealImages(2 * good);
        for (int i = 0; i < images.Length; i++)
            foreach (string split in new[] { "train", "val" })
            {
                string folder = root[split, i % 2 == 0 ? "one" : "two"];
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageBytes.Encode(images[i], "png"));
            }
    }

    sealed class Watcher : ITrainingObserver
    {
        public List<string> Notices { get; } = [];

        public Action? AfterEpoch { get; init; }

        public void Downloading(DownloadProgress progress)
        {
        }

        public void Started(RunStart start)
        {
        }

        public void Notice(string message) => Notices.Add(message);

        public void Progressed(EpochProgress progress)
        {
        }

        public void EpochFinished(EpochResult result, bool isBest) => AfterEpoch?.Invoke();
    }
}
