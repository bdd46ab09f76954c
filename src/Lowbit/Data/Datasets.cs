using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>The datasets that Lowbit knows by name.</summary>
public static class Datasets
{
    static readonly IDataset[] All =
        [new Digits(), Cifar.Ten, Cifar.Hundred, Mnist.Digits, Mnist.Fashion, ImageFolder.Own, ImageFolder.ImageNet];

    /// <summary>Every dataset's name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(dataset => dataset.Name)];

    /// <summary>What the images of a dataset will be, by name and options, without fetching or reading them.</summary>
    /// <exception cref="LowbitException">There is no such dataset, or it can only be described when it is there, and is not.</exception>
    public static DatasetInfo Describe(DatasetOptions options) => Conversion.Describe(Named(options.Name).Describe(options), options);

    /// <summary>Opens the dataset that the options name.</summary>
    /// <param name="options">Which one, where it is, and what becomes of its images.</param>
    /// <param name="progress">Is told how far a download is.</param>
    /// <param name="cancel">Ends a download early; what has come stays, to be gone on with.</param>
    /// <exception cref="LowbitException">
    /// There is no such dataset, or it is not there and cannot be fetched, or it is not what it should be.
    /// </exception>
    public static DatasetSplits Open(
        DatasetOptions options, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default) =>
        Open(Named(options.Name), options, progress, cancel);

    /// <summary>Opens a dataset that has no name here.</summary>
    /// <inheritdoc cref="Open(DatasetOptions, IProgress{DownloadProgress}, CancellationToken)"/>
    public static DatasetSplits Open(
        IDataset dataset, DatasetOptions options, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        DatasetInfo before = dataset.Describe(options), after = Conversion.Describe(before, options);
        DatasetImages original = dataset.Load(options, progress, cancel);
        var (train, test, validation) = original;
        if (train.Count == 0 || test.Count == 0)
            throw new LowbitException($"{dataset.Name} has {train.Count} images to train on and {test.Count} to test on; neither may be 0");
        if (options.ValSplit > 0)
        {
            int all = train.Count;
            (validation, train) = Stratified.Split(train, (int)Math.Round(options.ValSplit * all), options.Seed);
            if (validation.Count == 0 || train.Count == 0)
                throw new LowbitException(
                    $"dataset.val_split {options.ValSplit} parts {all} images into {train.Count} and {validation.Count}; neither may be 0");
        }
        if (options.Limit is { } limit && limit < train.Count)
            (train, _) = Stratified.Split(train, limit, options.Seed);

        train = Erased(dataset.Augment(Conversion.Apply(train, before, options), after, options), after, options);
        test = Conversion.Apply(test, before, options);
        validation = validation is null ? null : Conversion.Apply(validation, before, options);
        return new(after, original with { Notices = [.. original.Notices, .. WithoutEffect(dataset, options)] }, new(train, test, validation), options);
    }

    static IImageSource Erased(IImageSource images, DatasetInfo info, DatasetOptions options)
    {
        if (options.Cutout > 0) images = new Cutout(images, info, options.Cutout);
        return options.RandomErasing > 0 ? new RandomErasing(images, info, options.RandomErasing) : images;
    }

    /// <summary>What is asked for and does not happen.</summary>
    static IEnumerable<string> WithoutEffect(IDataset dataset, DatasetOptions options)
    {
        if (!options.Augment)
            foreach (var (key, isSet) in new[] { ("alternating_flip", options.AlternatingFlip), ("cutout", options.Cutout > 0), ("random_erasing", options.RandomErasing > 0) })
                if (isSet) yield return $"dataset.{key} has no effect, because dataset.augment is false";
        if (options is { Augment: true, AlternatingFlip: true } && !(options.HorizontalFlip ?? dataset.IsMirrorable))
            yield return $"dataset.alternating_flip has no effect, because images of {dataset.Name} are mirrored only with horizontal_flip: true";
    }

    static IDataset Named(string name) => All.FirstOrDefault(dataset => dataset.Name == name)
        ?? throw new LowbitException($"There is no dataset {name}, only {string.Join(", ", Names)}{NearestName.Hint(name, Names)}");
}
