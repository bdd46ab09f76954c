using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Training never sees a batch of one image where there are more: what would be one joins the batch before it.</summary>
public sealed class LastBatchTests
{
    [Theory]
    [InlineData(65, 64, new[] { 65 })]
    [InlineData(129, 64, new[] { 64, 65 })]
    [InlineData(66, 64, new[] { 64, 2 })]
    [InlineData(128, 64, new[] { 64, 64 })]
    [InlineData(63, 64, new[] { 63 })]
    [InlineData(3, 2, new[] { 3 })]
    [InlineData(3, 1, new[] { 1, 1, 1 })]
    [InlineData(1, 64, new[] { 1 })]
    public void One_image_that_remains_joins_the_batch_before_it(int images, int batchSize, int[] expected)
    {
        using DatasetSplits data = Digits(images);
        DataLoader loader = data.TrainingLoader(batchSize, seed: 1);

        Assert.Equal(expected, Sizes(loader, 0));
        Assert.Equal(expected.Length, loader.BatchCount);
        Assert.Equal([.. expected.Select((_, first) => expected.Skip(first).Sum()), 0], Enumerable.Range(0, expected.Length + 1).Select(loader.ImagesFrom));
        Assert.All(Enumerable.Range(0, expected.Length + 1), first => Assert.Equal(expected.Skip(first), Sizes(loader, first)));
    }

    [Fact]
    public void Evaluation_takes_images_as_they_come()
    {
        using DatasetSplits data = Digits(65);
        Assert.Equal([64, 1], Sizes(data.EvaluationLoader(data.Train, 64), 0));
    }

    [Fact]
    public void A_training_batch_of_which_one_image_can_be_read_is_left_out()
    {
        using DatasetSplits one = Digits(4), more = Digits(6);
        var options = new DatasetOptions { Name = "digits", NumWorkers = 0, Corrupt = CorruptImages.Skip };
        DataLoader Loader(DatasetSplits data, int[] unreadable, int? seed) => new(new Damaged(data.Train, unreadable), data.Info, options, 4, seed);

        int[] order = [.. Enumerable.Range(0, 6)];
        new RandomStream(1, 0, 0).Shuffle<int>(order);
        Assert.Equal([2], Sizes(Loader(more, order[..3], seed: 1), 0));
        Assert.Equal([1], Sizes(Loader(one, [0, 1, 2], seed: null), 0));
        Assert.StartsWith("Of 4 images 1 can be read, and no batch has two that can: ", Assert.Throws<LowbitException>(() => Sizes(Loader(one, [0, 1, 2], seed: 1), 0)).Message);
    }

    static DatasetSplits Digits(int limit) => Datasets.Open(new DatasetOptions { Name = "digits", Limit = limit, NumWorkers = 0 });

    static List<int> Sizes(DataLoader loader, int first)
    {
        List<int> sizes = [];
        foreach (Batch batch in loader.Epoch(0, first))
            using (batch) sizes.Add((int)batch.Labels.shape[0]);
        return sizes;
    }

    sealed class Damaged(IImageSource source, int[] unreadable) : IImageSource
    {
        public int Count => source.Count;

        public int Label(int index) => source.Label(index);

        public void Read(int index, Span<byte> pixels, RandomStream? random)
        {
            if (unreadable.Contains(index)) throw new CorruptImageException($"image {index} is damaged");
            source.Read(index, pixels, random);
        }
    }
}
