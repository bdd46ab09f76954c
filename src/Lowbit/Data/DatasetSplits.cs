using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>A dataset, ready to train on.</summary>
public sealed class DatasetSplits
{
    readonly DatasetOptions options;
    readonly bool flipByDefault;

    /// <param name="info">What a network must know of it.</param>
    /// <param name="train">The images to train on; some are kept aside for validation, or left out, as the options say.</param>
    /// <param name="test">The images to test on.</param>
    /// <param name="options">The configuration's choices.</param>
    /// <param name="flipByDefault">Whether a mirrored image still belongs to its class.</param>
    internal DatasetSplits(DatasetInfo info, IImageSource train, IImageSource test, DatasetOptions options, bool flipByDefault)
    {
        (Info, Train, Test, this.options, this.flipByDefault) = (info, train, test, options, flipByDefault);
        if (options.ValSplit > 0) (Validation, Train) = Subset.Split(Train, options.ValSplit, options.Seed);
        if (options.Limit is { } limit && limit < Train.Count) Train = Subset.Split(Train, (double)limit / Train.Count, options.Seed).First;
    }

    /// <summary>What a network must know of the images.</summary>
    public DatasetInfo Info { get; }

    /// <summary>The images to train on.</summary>
    public IImageSource Train { get; }

    /// <summary>The images kept aside from training; null without <c>dataset.val_split</c>.</summary>
    public IImageSource? Validation { get; }

    /// <summary>The images to test on.</summary>
    public IImageSource Test { get; }

    /// <summary>Batches of training images, shuffled and changed at random as follows from a seed.</summary>
    public DataLoader TrainingLoader(int batchSize, int seed) => new(Train, Info, batchSize, options.NumWorkers, seed,
        options.Augment ? new Augmentation(Info, options.CropPadding, options.HorizontalFlip ?? flipByDefault) : null);

    /// <summary>Batches of images as they are.</summary>
    public DataLoader EvaluationLoader(IImageSource split, int batchSize) => new(split, Info, batchSize, options.NumWorkers);
}
