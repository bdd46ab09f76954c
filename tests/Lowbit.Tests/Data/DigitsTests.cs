using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public class DigitsTests
{
    [Fact]
    public void Digits_need_no_files_and_come_split_equally_by_class()
    {
        using var splits = Datasets.Open(new DatasetOptions { Name = "digits", Root = "/nowhere" });
        Assert.Equal(1437, splits.Train.Count);
        Assert.Equal(360, splits.Test.Count);
        Assert.All(Enumerable.Range(0, 360).CountBy(splits.Test.Label), images => Assert.InRange(images.Value, 34, 37));
        Assert.Equal(new(1, 32, 32), splits.Info.Shape);
    }

    [Fact]
    public void Digits_have_the_mean_and_the_deviation_that_are_stated()
    {
        using var splits = Datasets.Open(new DatasetOptions { Name = "digits" });
        PixelStatistics.AssertAsStated(splits, tolerance: 5e-5);
    }

    [Fact]
    public void Nearest_class_means_tell_most_digits_apart_so_images_and_labels_belong_together()
    {
        using var splits = Datasets.Open(new DatasetOptions { Name = "digits" });
        using var scope = TorchSharp.torch.NewDisposeScope();
        var train = splits.EvaluationLoader(splits.Train, 1437).Epoch(0).Single();
        var test = splits.EvaluationLoader(splits.Test, 360).Epoch(0).Single();
        var (images, labels) = (train.Images.reshape(1437, -1).to(TorchSharp.torch.float32), train.Labels);
        var means = TorchSharp.torch.stack([.. Enumerable.Range(0, 10).Select(digit => images[labels.eq(CachedScalar.Of((long)digit))].mean([0]))]);
        var nearest = TorchSharp.torch.cdist(test.Images.reshape(360, -1).to(TorchSharp.torch.float32), means).argmin(1);
        Assert.InRange(nearest.eq(test.Labels).sum().item<long>(), 310, 360);
    }
}
