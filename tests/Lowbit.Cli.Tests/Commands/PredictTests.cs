using System.Text.Json;
using Lowbit.Tests;
using Lowbit.Training;
using SkiaSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class PredictTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_folder_gives_a_line_an_image_the_bad_one_is_named_and_the_exit_code_is_1()
    {
        Train();
        Picture("photos/a.png", 40, 60);
        Picture("photos/b.jpg", 8, 8);
        folder.Write("photos/text.png", "no image");

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "predict", "runs/digits/one", "photos", "--top", "2", "--json");

        Assert.Equal(1, exitCode);
        JsonElement[] lines = [.. output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["photos/a.png", "photos/b.jpg", "photos/text.png"], lines.Select(line => line.GetProperty("file").GetString()));
        Assert.Equal(2, lines[0].GetProperty("predictions").GetArrayLength());
        Assert.InRange(lines[1].GetProperty("predictions")[0].GetProperty("probability").GetDouble(), 0.1, 1);
        Assert.Contains("skipped: photos/text.png cannot be read as an image: it does not begin as a PNG file does", errors);
        Assert.Contains("the middle square resized to 16 x 16 grey pixels", errors);
        Assert.Contains("; 1 skipped", errors);

        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "predict", "runs/digits/one", "photos/a.png", "--top", "3");
        Assert.True(exitCode == 0, errors);
        Assert.Matches(@"class +probability\n(\d +\d+\.\d\d %\n){3}$", output);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Ctrl_C_ends_it_with_130()
    {
        Train();
        Picture("photos/a.png", 1000, 1000);
        using var process = LowbitProcess.Start(folder.Path, ["predict", "runs/digits/one", .. Enumerable.Repeat("photos", 1_500)]);
        process.WaitUntil(() => process.Output.Contains("photos/a.png", StringComparison.Ordinal));
        process.Interrupt();

        Assert.Equal(130, process.WaitForExit());
        Assert.Equal("interrupted\n", process.Errors);
    }

    [Theory]
    [InlineData(2, "predict", "run")]
    [InlineData(2, "predict", "run", "a.png", "--top", "0")]
    [InlineData(2, "predict", "run", "a.png", "--input", "unit")]
    [InlineData(1, "predict", "absent", "a.png")]
    public void Wrong_usage_is_told_in_a_sentence(int expected, params string[] arguments)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, arguments);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors);
    }

    void Train() => TrainingRun.Run(new()
    {
        Dataset = new() { Name = "digits", Limit = 32, ImageSize = 16 },
        Model = new() { Name = "quant_resnet20" },
        Quantization = new() { CollectStatsSteps = 1 },
        Training = new() { BatchSize = 32, Epochs = 1 },
        Checkpoint = new() { Dir = folder.PathOf("runs"), ExperimentName = "one" },
    }, new NoObserver(), CancellationToken.None);

    void Picture(string name, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.SteelBlue);
        using SKData encoded = bitmap.Encode(name.EndsWith("png", StringComparison.Ordinal) ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 90);
        Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(name))!);
        File.WriteAllBytes(folder.PathOf(name), encoded.ToArray());
    }
}
