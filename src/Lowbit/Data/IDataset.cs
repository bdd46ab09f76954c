using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>A dataset: what it is, and how its images are read. See docs/adding-a-dataset.md.</summary>
public interface IDataset
{
    /// <summary>What a configuration calls it.</summary>
    string Name { get; }

    /// <summary>What <see cref="Load"/> will give, told without reading images.</summary>
    /// <exception cref="LowbitException">This cannot be told because the dataset is not there.</exception>
    DatasetInfo Describe(DatasetOptions options);

    /// <summary>Reads the images, or opens them for reading; fetches them where they are not there and may be fetched.</summary>
    /// <param name="options">
    /// Where the images are and how they are to be. Splitting, limits, other sizes and other channels come afterwards.
    /// </param>
    /// <param name="progress">Is told how far a download is.</param>
    /// <param name="cancel">Ends a download early; what has come stays, to be gone on with.</param>
    /// <exception cref="LowbitException">The images are not there and cannot be fetched, or are not what they should be.</exception>
    DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel);

    /// <summary>Whether a mirrored image still belongs to its class, so that training may mirror images where <c>dataset.horizontal_flip</c> says nothing.</summary>
    bool IsMirrorable => true;

    /// <summary>Adds random changes, for training, to images that already have their final size and channels.</summary>
    IImageSource Augment(IImageSource images, DatasetInfo info, DatasetOptions options) =>
        new CropAndFlip(images, info, options.CropPadding, options.HorizontalFlip ?? IsMirrorable);
}

/// <summary>The images of a dataset, as it divides them itself.</summary>
/// <param name="Train">Images to train on.</param>
/// <param name="Test">Images to test on.</param>
/// <param name="Validation">Images to validate on, where the dataset has some.</param>
public sealed record DatasetImages(IImageSource Train, IImageSource Test, IImageSource? Validation = null)
{
    /// <summary>What a user should know of the files that were found, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
