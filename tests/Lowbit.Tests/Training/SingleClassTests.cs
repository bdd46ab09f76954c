using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Training;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Training;

public sealed class SingleClassTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Images_of_a_single_class_are_a_warning(int classes, bool warned)
    {
        for (int i = 0; i < classes; i++)
            foreach (string split in new[] { "train", "val" })
                foreach (string name in new[] { "a", "b", "c", "d" }) WriteImage(Path.Combine(folder, split, $"class{i}", $"{name}.png"));
        RunConfiguration configuration = ConfigurationReader.Parse(
            $"dataset: {{ name: imagefolder, root: '{folder}', image_size: 32 }}\nmodel: {{ name: resnet20 }}\ntraining: {{ batch_size: 2 }}\ncheckpoint: {{ enabled: false }}\n", "x.yaml").Configuration;
        using var stop = new CancellationTokenSource();
        var observer = new Listener(stop);

        TrainingRun.Run(configuration, observer, stop.Token);

        Assert.Equal(warned, observer.Notices.Contains("warning: all training images are of one class, so that an accuracy of 100 % says nothing: look into dataset.root and dataset.limit"));
        Assert.Contains($"images are read from {folder}", observer.Notices);
    }

    static void WriteImage(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var image = new SKBitmap(8, 8);
        image.Erase(SKColors.Red);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    sealed class Listener(CancellationTokenSource stop) : ITrainingObserver
    {
        public List<string> Notices { get; } = [];

        public void Downloading(DownloadProgress progress)
        {
        }

        public void Started(RunStart start) => stop.Cancel();

        public void Notice(string message) => Notices.Add(message);

        public void Progressed(EpochProgress progress)
        {
        }

        public void EpochFinished(EpochResult result, bool isBest)
        {
        }
    }
}
