using Lowbit.Cli.Reports;
using Lowbit.Configuration;
using Lowbit.Tests;
using Lowbit.Training;
using Lowbit.Training.Runs;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>The pictures of pages in docs/images.</summary>
public sealed class ReportPicturesTests : IDisposable
{
    const int Width = 1200, LargestPicture = 200_000;

    readonly TemporaryFolder folder = new();

    /// <summary>LOWBIT_UPDATE_DOCS=1 makes them anew.</summary>
    public static bool AreWanted => Browser.IsHere && Environment.GetEnvironmentVariable("LOWBIT_UPDATE_DOCS") == "1";

    public void Dispose() => folder.Dispose();

    [Fact(Skip = "It trains networks: set LOWBIT_UPDATE_DOCS=1, where Chromium is installed, to make the pictures anew", SkipUnless = nameof(AreWanted))]
    public void Pictures_of_the_pages_are_made()
    {
        string[] runs = [Train("quant_resnet20", "w4a4", 4), Train("quant_resnet20", "w2a2", 2), Train("resnet20", "float", 8)];

        Picture(HtmlPage.Of(SomeReports.Make(runs[0], null)), "report.png", height: 1440);
        Picture(HtmlPage.Of(RunComparison.Of([.. runs.Select(RunSummary.Read)])), "compare.png", height: 1000);
    }

    [Theory]
    [InlineData("report.png")]
    [InlineData("compare.png")]
    public void The_pictures_are_small(string name) => Assert.InRange(new FileInfo(PathOf(name)).Length, 1, LargestPicture);

    void Picture(string page, string name, int height)
    {
        File.WriteAllText(folder.PathOf("page.html"), page.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        Browser.Picture(folder.PathOf("page.html"), PathOf(name), Width, height);
    }

    string Train(string model, string name, int bits) => TrainingRun.Run(new()
    {
        Dataset = new() { Name = "digits", ImageSize = 16 },
        Model = new() { Name = model },
        Quantization = new() { WeightBitWidth = bits, ActBitWidth = bits },
        Training = new() { BatchSize = 32, Epochs = 8 },
        Optimizer = new() { Name = OptimizerKind.Adam, LearningRate = 0.002 },
        Checkpoint = new() { Dir = folder.PathOf("runs"), ExperimentName = name },
    }, new NoObserver(), CancellationToken.None).Folder!.Path;

    static string PathOf(string picture) => Repository.PathOf($"docs/images/{picture}");
}
