using Lowbit.Tests;
using SkiaSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class SkippedImagesTests : IDisposable
{
    const string Configuration = """
        dataset: { name: imagefolder, root: images, image_size: 32, corrupt: skip }
        model: { name: resnet20 }
        training: { batch_size: 4, epochs: 1 }
        scheduler: { name: none, warmup_epochs: 0 }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_on_images_of_which_none_can_be_read_fails_with_one_sentence()
    {
        WriteImages("no image"u8.ToArray());
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "train", folder.Write("run.yaml", Configuration));
        Assert.Equal(1, exitCode);
        Assert.Contains("None of 8 images can be read", errors);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.DoesNotContain("images/s", output);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_and_an_evaluation_say_how_many_images_they_skip()
    {
        using var bitmap = new SKBitmap(32, 32);
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        WriteImages(encoded.ToArray());
        foreach (string split in new[] { "train", "val" }) File.WriteAllText(Path.Combine(folder.Path, "images", split, "a", "z.png"), "no image");
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "train", folder.Write("run.yaml", Configuration), "--set", "checkpoint.experiment_name=one");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("1 of 9 training images are skipped: ", output);
        Assert.Contains("2 images skipped", output);

        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "eval", Path.Combine("experiments", "imagefolder", "one"));
        Assert.True(exitCode == 0, errors);
        Assert.Contains("1 of 9 test images are skipped: ", errors);
        Assert.Contains("8 test images", output);
    }

    void WriteImages(byte[] content)
    {
        foreach (string split in new[] { "train", "val" })
            foreach (string name in new[] { "a", "b" })
            {
                string place = Path.Combine(folder.Path, "images", split, name);
                Directory.CreateDirectory(place);
                for (int i = 0; i < 4; i++) File.WriteAllBytes(Path.Combine(place, $"{i}.png"), content);
            }
    }
}
