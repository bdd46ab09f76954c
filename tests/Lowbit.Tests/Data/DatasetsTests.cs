using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public class DatasetsTests
{
    static readonly DatasetOptions Digits = new() { Name = "digits", NumWorkers = 0 };

    [Fact]
    public void An_unknown_name_is_answered_with_the_one_that_was_meant()
    {
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(new DatasetOptions { Name = "cifar_10" }));
        Assert.Contains("did you mean cifar10?", error.Message);
    }

    [Fact]
    public void Validation_images_are_kept_apart_from_training_equally_by_class_and_by_the_seed()
    {
        using var splits = Datasets.Open(Digits with { ValSplit = 0.2 });
        using var again = Datasets.Open(Digits with { ValSplit = 0.2 });
        using var other = Datasets.Open(Digits with { ValSplit = 0.2, Seed = 43 });
        Assert.Equal(287, splits.Validation!.Count);
        Assert.Equal(1150, splits.Train.Count);
        Assert.Equal(360, splits.Test.Count);
        Assert.All(Labels(splits.Validation), images => Assert.InRange(images.Value, 27, 30));
        Assert.Empty(Images(splits.Train, 1024).Intersect(Images(splits.Validation, 1024)));
        Assert.Equal(Images(splits.Validation, 1024), Images(again.Validation!, 1024));
        Assert.NotEqual(Images(splits.Validation, 1024), Images(other.Validation!, 1024));
    }

    [Theory]
    [InlineData(0.0001)]
    [InlineData(0.9999)]
    public void A_split_that_leaves_nothing_on_one_side_is_refused(double fraction)
    {
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(Digits with { ValSplit = fraction }));
        Assert.Contains("dataset.val_split", error.Message);
    }

    [Fact]
    public void A_limit_keeps_the_classes_proportions_and_leaves_the_test_images()
    {
        using var splits = Datasets.Open(Digits with { Limit = 100 });
        Assert.Equal(100, splits.Train.Count);
        Assert.Equal(360, splits.Test.Count);
        Assert.All(Labels(splits.Train), images => Assert.InRange(images.Value, 9, 11));
    }

    [Fact]
    public void A_limit_above_what_there_is_changes_nothing()
    {
        using var splits = Datasets.Open(Digits with { Limit = 100_000 });
        Assert.Equal(1437, splits.Train.Count);
    }

    [Fact]
    public void Grey_images_become_three_equal_channels_of_another_size()
    {
        using var splits = Datasets.Open(Digits with { Channels = 3, ImageSize = 20 });
        Assert.Equal(new(3, 20, 20), splits.Info.Shape);
        Assert.Equal(3, splits.Info.Mean.Count);
        byte[] image = new byte[3 * 20 * 20];
        splits.Test.Read(0, image);
        Assert.All(image.Chunk(3), pixel => Assert.True(pixel[0] == pixel[1] && pixel[1] == pixel[2]));
        Assert.NotEqual(image.Min(), image.Max());
    }

    [Fact]
    public void Colours_become_grey_by_their_luma()
    {
        using var root = new TemporaryFolder();
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        using var splits = Datasets.Open(new DatasetOptions { Root = root.Path, Channels = 1 });
        byte[] image = new byte[32 * 32];
        splits.Test.Read(3, image);
        double Byte(int channel) => CifarFiles.Pixel(6, 3, channel, 2, 5);
        double luma = 0.299 * Byte(0) + 0.587 * Byte(1) + 0.114 * Byte(2);
        Assert.Equal(luma, image[2 * 32 + 5], 0.51);
        Assert.Equal(new(1, 32, 32), splits.Info.Shape);
        Assert.Equal(0.299f * 0.4914f + 0.587f * 0.4822f + 0.114f * 0.4465f, splits.Info.Mean.Single(), 1e-6f);
    }

    [Fact]
    public void A_description_needs_no_files_and_is_what_opening_gives()
    {
        using var root = new TemporaryFolder();
        var options = new DatasetOptions { Name = "cifar10", Root = root.Path, Download = false, ImageSize = 48, Channels = 1 };
        var described = Datasets.Describe(options);
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        using var splits = Datasets.Open(options);
        Assert.Equal(described.Shape, splits.Info.Shape);
        Assert.Equal(described.Classes, splits.Info.Classes);
    }

    [Fact]
    public void Every_dataset_may_be_named_in_a_configuration()
    {
        var allowed = typeof(DatasetOptions).GetProperty(nameof(DatasetOptions.Name))!.GetCustomAttribute<AllowedValuesAttribute>()!.Values;
        Assert.Equal(Datasets.Names, allowed);
    }

    static IEnumerable<KeyValuePair<int, int>> Labels(IImageSource images) => Enumerable.Range(0, images.Count).CountBy(images.Label);

    static string[] Images(IImageSource images, int size)
    {
        byte[] image = new byte[size];
        return [.. Enumerable.Range(0, images.Count).Select(i => { images.Read(i, image); return Convert.ToHexString(image); })];
    }
}
