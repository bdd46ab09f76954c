using Lowbit.Configuration;
using Lowbit.Data;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Images of a folder that cannot be read: refused by name or, where that is asked for, left out and counted.</summary>
public sealed class UnreadableImageTests : InImageFolder
{
    [Theory]
    [InlineData("nothing.png", new byte[0])]
    [InlineData("text.jpg", new byte[] { 72, 101, 108, 108, 111 })]
    [InlineData("header only.png", new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A })]
    public void An_image_that_cannot_be_read_is_refused_by_name(string name, byte[] content)
    {
        WriteTwoClasses();
        string path = Root["train", "red", name];
        File.WriteAllBytes(path, content);
        using var splits = Datasets.Open(Options);
        Assert.Contains(path, Assert.Throws<CorruptImageException>(() => Drain(splits.TrainingLoader(4, seed: 1))).Message);
    }

    [Theory]
    [InlineData("train/red/cut.jpg")]
    [InlineData("train/red/cut.png")]
    public void An_image_that_is_cut_short_is_refused_by_name(string name)
    {
        WriteTwoClasses();
        string path = Write(name, 200, 200, (row, column) => new((byte)(row * column), (byte)row, (byte)column));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^400]);
        using var splits = Datasets.Open(Options);
        Assert.Contains(path, Assert.Throws<CorruptImageException>(() => Drain(splits.TrainingLoader(4, seed: 1))).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_image_that_cannot_be_read_is_left_out_named_and_counted_once_where_that_is_asked_for(int workers)
    {
        WriteTwoClasses();
        string[] corrupt = [Root["train", "blue", "a.png"], Root["train", "red", "z.jpg"]];
        foreach (string path in corrupt) File.WriteAllText(path, "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip, NumWorkers = workers });
        var loader = splits.TrainingLoader(5, seed: 1);
        Assert.Equal(12, Drain(loader));
        Assert.Equal(12, Drain(loader, epoch: 1));
        Assert.Equal(2, loader.Skipped);
        Assert.All(corrupt, path => Assert.Single(loader.SkippedImages, message => message.Contains(path, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_batch_without_any_image_that_can_be_read_is_left_out()
    {
        foreach (string name in new[] { "a.png", "b.png", "c.png" }) Write($"val/red/{name}", 8, 8, (_, _) => SKColors.Red);
        Write("train/red/a.png", 8, 8, (_, _) => SKColors.Red);
        foreach (string name in new[] { "a.png", "b.png" }) File.WriteAllText(Root["val", "red", name], "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip });
        using var batch = splits.EvaluationLoader(splits.Test, 2).Epoch(0).Single();
        Assert.Equal(1, batch.Index);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Each_epoch_counts_what_it_skips_itself_and_one_without_any_image_is_an_error(int workers)
    {
        WriteTwoClasses();
        File.WriteAllText(Root["train", "red", "z.jpg"], "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip, NumWorkers = workers });
        var loader = splits.EvaluationLoader(splits.Train, 5);   // training leaves out batches of which one image is left
        Assert.Equal(12, Drain(loader));
        Assert.Equal(1, loader.Skipped);

        // Images that vanish between epochs, and then all of them.
        Directory.Delete(Root["train", "blue"], recursive: true);
        Assert.Equal(6, Drain(loader, epoch: 1));
        Assert.Equal(7, loader.Skipped);
        Directory.Delete(Root["train"], recursive: true);
        string message = Assert.Throws<LowbitException>(() => Drain(loader, epoch: 2)).Message;
        Assert.Contains("None of 13 images can be read", message);
        Assert.Contains(Root["train"], message);
    }
}
