using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>A dataset's images for training, validation and testing.</summary>
public sealed class DatasetSplits : IDisposable
{
    readonly DatasetOptions options;
    readonly DatasetImages original;

    /// <summary>A dataset of one's own.</summary>
    /// <param name="info">What the images are.</param>
    /// <param name="train">Images to train on; where they are to change at random, <see cref="IImageSource.Read"/> is given what chance comes from.</param>
    /// <param name="test">Images to test on.</param>
    /// <param name="validation">Images to validate on; null for none.</param>
    /// <param name="numWorkers">Threads that prepare batches.</param>
    /// <exception cref="ArgumentException">A split that is given has no images, or <paramref name="numWorkers"/> is less than 1.</exception>
    public DatasetSplits(DatasetInfo info, IImageSource train, IImageSource test, IImageSource? validation = null, int numWorkers = 2)
        : this(info, new(train, test, validation), new(train, test, validation), new() { NumWorkers = numWorkers })
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numWorkers, 1);
        foreach (IImageSource? split in new[] { train, test, validation })
            if (split?.Count == 0) throw new ArgumentException("A split without images is not possible", nameof(train));
    }

    internal DatasetSplits(DatasetInfo info, DatasetImages original, DatasetImages converted, DatasetOptions options)
    {
        (Info, this.original, this.options) = (info, original, options);
        (Train, Test, Validation) = converted;
    }

    /// <summary>What the images are, conversions that the options ask for included.</summary>
    public DatasetInfo Info { get; }

    /// <summary>What a user should know of the files that were found, a sentence each.</summary>
    public IReadOnlyList<string> Notices => original.Notices;

    /// <summary>Images to train on, at most as many as the options' limit.</summary>
    public IImageSource Train { get; }

    /// <summary>Images to test on: all of them, whatever the limit.</summary>
    public IImageSource Test { get; }

    /// <summary>
    /// Images to validate on: those the options keep aside, or else those that the dataset has for it; null where there are none.
    /// </summary>
    public IImageSource? Validation { get; }

    /// <summary>
    /// The training images in an order, and with changes, that differ from epoch to epoch and follow from the seed. No image is left out.
    /// </summary>
    /// <param name="batchSize">Images in a batch; the last one of an epoch has what remains, and the one before it a single image that remains.</param>
    /// <param name="seed">What all chance follows from.</param>
    public DataLoader TrainingLoader(int batchSize, int seed) => new(Train, Info, options, batchSize, seed);

    /// <summary>Images in their own order, unchanged; the same in every epoch.</summary>
    /// <param name="split">One of these splits.</param>
    /// <param name="batchSize">Images in a batch; the last one has what remains.</param>
    public DataLoader EvaluationLoader(IImageSource split, int batchSize) => new(split, Info, options, batchSize, seed: null);

    /// <summary>Closes what the dataset keeps open to read its images from.</summary>
    public void Dispose()
    {
        foreach (var images in new[] { original.Train, original.Test, original.Validation }) (images as IDisposable)?.Dispose();
    }
}
