using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>The datasets by name.</summary>
public static class Datasets
{
    /// <summary>Opens a dataset: reads it, downloads it first where that is allowed and needed.</summary>
    /// <param name="options">Which, where, and how.</param>
    /// <param name="progress">Is told how a download goes.</param>
    /// <param name="cancel">Stops a download; it goes on from there the next time.</param>
    /// <exception cref="LowbitException">There is no such dataset, or it is not there and cannot be downloaded, or it is damaged.</exception>
    public static DatasetSplits Open(DatasetOptions options, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        var (info, (train, test), flip) = options.Name switch
        {
            "digits" => (Digits.Info, Digits.Read(), false),
            "cifar10" => (Cifar.Ten.Info, Cifar.Ten.Read(options, progress, cancel), true),
            _ => throw new LowbitException($"There is no dataset {options.Name}"),
        };
        DatasetInfo converted = Converted.Describe(info, options.Channels, options.ImageSize);
        return converted.Shape == info.Shape
            ? new(info, train, test, options, flip)
            : new(converted, new Converted(train, info, converted), new Converted(test, info, converted), options, flip);
    }
}
