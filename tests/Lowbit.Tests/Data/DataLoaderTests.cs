using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Data;

public class DataLoaderTests
{
    static readonly DatasetOptions Options = new() { Name = "digits", NumWorkers = 0 };

    [Fact]
    public void An_epoch_of_training_holds_every_image_once_and_the_last_batch_what_remains()
    {
        using var splits = Datasets.Open(Options with { Augment = false });
        var loader = splits.TrainingLoader(100, seed: 1);
        var batches = Contents(loader.Epoch(0));
        Assert.Equal(15, loader.BatchCount);
        Assert.Equal([.. Enumerable.Repeat(100, 14), 37], batches.Select(batch => batch.Labels.Length));
        Assert.Equal(Enumerable.Range(0, 15), batches.Select(batch => batch.Index));
        Assert.Equal(Contents(splits.EvaluationLoader(splits.Train, 1).Epoch(0)).Select(Key).Order(), batches.SelectMany(Images).Order());

        static string Key((int Index, byte[] Pixels, long[] Labels) image) => $"{image.Labels[0]}:{Convert.ToHexString(image.Pixels)}";
        static IEnumerable<string> Images((int Index, byte[] Pixels, long[] Labels) batch) =>
            batch.Pixels.Chunk(1024).Zip(batch.Labels, (pixels, label) => $"{label}:{Convert.ToHexString(pixels)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Batches_do_not_depend_on_how_many_threads_make_them(int workers)
    {
        using var alone = Datasets.Open(Options);
        using var together = Datasets.Open(Options with { NumWorkers = workers });
        AssertSame(Contents(alone.TrainingLoader(64, seed: 3).Epoch(2)), Contents(together.TrainingLoader(64, seed: 3).Epoch(2)));
    }

    [Fact]
    public void An_epoch_that_begins_later_goes_on_with_the_same_batches()
    {
        using var splits = Datasets.Open(Options with { NumWorkers = 2 });
        var loader = splits.TrainingLoader(64, seed: 3);
        AssertSame(Contents(loader.Epoch(1))[7..], Contents(loader.Epoch(1, firstBatch: 7)));
    }

    [Fact]
    public void Epochs_and_seeds_differ_in_order_and_in_augmentation()
    {
        using var splits = Datasets.Open(Options);
        using var still = Datasets.Open(Options with { Augment = false });
        var first = Contents(splits.TrainingLoader(1437, seed: 3).Epoch(0)).Single();
        Assert.NotEqual(first.Labels, Contents(splits.TrainingLoader(1437, seed: 3).Epoch(1)).Single().Labels);
        Assert.NotEqual(first.Labels, Contents(splits.TrainingLoader(1437, seed: 4).Epoch(0)).Single().Labels);

        var unchanged = Contents(still.TrainingLoader(1437, seed: 3).Epoch(0)).Single();
        Assert.Equal(first.Labels, unchanged.Labels);
        Assert.NotEqual(first.Pixels, unchanged.Pixels);
    }

    [Fact]
    public void Alternating_flips_mirror_every_image_in_every_other_epoch_and_half_of_them_in_the_first()
    {
        using var splits = Datasets.Open(Options with { HorizontalFlip = true, CropPadding = 0, AlternatingFlip = true });
        Dictionary<string, int> mirrored = Enumerable.Range(0, splits.Train.Count).ToDictionary(Mirrored);
        var loader = splits.TrainingLoader(100, seed: 3);
        bool[][] flips = [.. Enumerable.Range(0, 4).Select(epoch => FlipsOf(loader, epoch))];

        Assert.Equal(flips[0], flips[2]);
        Assert.Equal(flips[1], flips[3]);
        Assert.Equal(flips[0].Select(flip => !flip), flips[1]);
        Assert.InRange(flips[0].Count(flip => flip), 600, 840);   // of 1,437
        Assert.NotEqual(flips[0], FlipsOf(splits.TrainingLoader(100, seed: 4), 0));

        string Mirrored(int index)
        {
            byte[] image = new byte[32 * 32];
            splits.Train.Read(index, image);
            CropAndFlip.Mirror(image, splits.Info);
            return Convert.ToHexString(image);
        }

        bool[] FlipsOf(DataLoader of, int epoch)
        {
            var flips = new bool[mirrored.Count];
            foreach (byte[] image in Contents(of.Epoch(epoch)).SelectMany(batch => batch.Pixels.Chunk(32 * 32)))
                if (mirrored.TryGetValue(Convert.ToHexString(image), out int index)) flips[index] = true;
            return flips;
        }
    }

    public static TheoryData<DatasetOptions> Ingredients =>
        [Options with { HorizontalFlip = true, AlternatingFlip = true }, Options with { Cutout = 9 }, Options with { RandomErasing = 0.5 }];

    [Theory, MemberData(nameof(Ingredients))]
    public void What_changes_images_follows_from_seed_and_epoch_wherever_the_epoch_begins_and_leaves_all_else_as_it_is(DatasetOptions options)
    {
        using DatasetSplits splits = Datasets.Open(options with { NumWorkers = 2 }), usual = Datasets.Open(Options with { HorizontalFlip = options.HorizontalFlip });
        var loader = splits.TrainingLoader(64, seed: 3);
        var epoch = Contents(loader.Epoch(1));
        AssertSame(epoch[7..], Contents(loader.Epoch(1, firstBatch: 7)));

        var others = Contents(usual.TrainingLoader(64, seed: 3).Epoch(1));
        Assert.Equal(others.Select(batch => batch.Labels), epoch.Select(batch => batch.Labels));
        double changed = epoch.Zip(others).SelectMany(pair => pair.First.Pixels.Chunk(1024).Zip(pair.Second.Pixels.Chunk(1024), (one, other) => !one.SequenceEqual(other))).Average(differs => differs ? 1 : 0);
        Assert.InRange(changed, 0.4, options.Cutout > 0 ? 1 : 0.6);
        AssertSame(Contents(usual.EvaluationLoader(usual.Test, 100).Epoch(0)), Contents(splits.EvaluationLoader(splits.Test, 100).Epoch(0)));
    }

    [Theory]
    [InlineData(true, "dataset.alternating_flip has no effect, because images of digits are mirrored only with horizontal_flip: true")]
    [InlineData(false, "dataset.alternating_flip has no effect, because dataset.augment is false", "dataset.cutout has no effect, because dataset.augment is false")]
    public void What_is_asked_for_and_has_no_effect_is_told(bool augment, params string[] notices)
    {
        using DatasetSplits splits = Datasets.Open(Options with { Augment = augment, AlternatingFlip = true, Cutout = 4 });
        Assert.Equal(notices, splits.Notices);
    }

    [Fact]
    public void Evaluation_keeps_order_and_images_whatever_the_epoch()
    {
        using var splits = Datasets.Open(Options);
        var loader = splits.EvaluationLoader(splits.Test, 100);
        Assert.Equal(360, loader.Count);
        AssertSame(Contents(loader.Epoch(0)), Contents(loader.Epoch(5)));
        Assert.Equal(
            Enumerable.Range(0, 360).Select(i => (long)splits.Test.Label(i)),
            Contents(loader.Epoch(0)).SelectMany(batch => batch.Labels));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_fails_while_a_batch_is_made_is_thrown_where_batches_are_taken_after_those_before_it(int workers)
    {
        using var splits = Datasets.Open(new FailingDataset(failsAt: 25), Options with { NumWorkers = workers });
        var seen = new List<int>();
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var batch in splits.EvaluationLoader(splits.Test, 10).Epoch(0))
                using (batch)
                    seen.Add(batch.Index);
        });
        Assert.Equal("image 25", error.Message);
        Assert.Equal([0, 1], seen);
    }

    [Fact]
    public void A_batch_belongs_to_whoever_takes_it_not_to_the_scope_around()
    {
        using var splits = Datasets.Open(Options);
        Batch batch;
        using (NewDisposeScope()) batch = splits.EvaluationLoader(splits.Test, 8).Epoch(0).First();
        Assert.False(batch.Images.IsInvalid);
        batch.Dispose();
        Assert.True(batch.Images.IsInvalid);
    }

    static (int Index, byte[] Pixels, long[] Labels)[] Contents(IEnumerable<Batch> batches)
    {
        var contents = new List<(int, byte[], long[])>();
        foreach (var batch in batches)
            using (batch)
            using (NewDisposeScope())
                contents.Add((batch.Index, batch.Images.permute(0, 2, 3, 1).data<byte>().ToArray(), batch.Labels.data<long>().ToArray()));
        return [.. contents];
    }

    static void AssertSame((int Index, byte[] Pixels, long[] Labels)[] expected, (int Index, byte[] Pixels, long[] Labels)[] actual)
    {
        Assert.Equal(expected.Select(batch => batch.Index), actual.Select(batch => batch.Index));
        Assert.Equal(expected.Select(batch => batch.Labels), actual.Select(batch => batch.Labels));
        Assert.Equal(expected.Select(batch => batch.Pixels), actual.Select(batch => batch.Pixels));
    }

    /// <summary>Fifty black images, one of which throws.</summary>
    sealed class FailingDataset(int failsAt) : IDataset, IImageSource
    {
        public string Name => "failing";

        public int Count => 50;

        public DatasetInfo Describe(DatasetOptions options) => new(Name, 1, 4, 4, ["only"], [0], [1]);

        public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel) =>
            new(this, this);

        public int Label(int index) => 0;

        public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
        {
            if (index == failsAt) throw new InvalidOperationException($"image {index}");
            image.Clear();
        }
    }
}
