using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// Image files in folders that are named for their classes: ROOT/train/CLASS/*, and ROOT/val or ROOT/test likewise. Where there are both,
/// val is for validation. Folders whose names begin with a dot are passed over. ImageNet comes like this: Russakovsky et al. 2015, "ImageNet Large Scale Visual Recognition Challenge".
/// </summary>
/// <param name="Name">What a configuration calls it.</param>
/// <param name="Source">Where its images come from, for people who lack them.</param>
sealed record ImageFolder(string Name, string Source) : IDataset
{
    const int UsualSize = 224;

    public static ImageFolder Own { get; } = new("imagefolder", "images of your own");

    public static ImageFolder ImageNet { get; } = new(
        "imagenet", "the images of https://image-net.org/download-images, which asks for a registration");

    public DatasetInfo Describe(DatasetOptions options)
    {
        int size = options.ImageSize ?? UsualSize;
        return DatasetInfo.Photographs(new(options.Channels ?? 3, size, size)) with { Name = Name, Classes = Classes(options) };
    }

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var info = Describe(options);
        ImageFiles? val = Open("val", info, options), test = Open("test", info, options);
        if ((test ?? val) is not { } tested)
            throw new LowbitException($"{Name} needs images to test on in {Path.Combine(Place(options), "val")} or test beside it");
        ImageFiles train = Open("train", info, options)!;
        return new(train, tested, test is null ? null : val)
        {
            Notices = [.. new[] { train, val, test }.Select(images => images?.Notice).OfType<string>()],
        };
    }

    public IImageSource Augment(IImageSource images, DatasetInfo info, DatasetOptions options) => images;

    string[] Classes(DatasetOptions options)
    {
        string folder = Path.Combine(Place(options), "train");
        string[] classes = Directory.Exists(folder) ? ImageTree.FoldersIn(folder) : [];
        return classes.Length > 0 ? classes : throw new LowbitException(
            $"{Name} is not in {folder}, which needs a folder for each class: put {Source} there, or set dataset.root to where they are");
    }

    static ImageFiles? Open(string split, DatasetInfo info, DatasetOptions options)
    {
        string folder = Path.Combine(Place(options), split);

        // ImageNet's own test images have no labels, and so no folders.
        if (!Directory.Exists(folder) || ImageTree.FoldersIn(folder) is not { Length: > 0 } classes) return null;
        if (classes.Except(info.Classes).FirstOrDefault() is { } unknown)
            throw new LowbitException($"{Path.Combine(folder, unknown)} is of no class in train{NearestName.Hint(unknown, info.Classes)}");
        return ImageFiles.In(folder, info, options);
    }

    static string Place(DatasetOptions options) => Path.GetFullPath(options.Root);
}
