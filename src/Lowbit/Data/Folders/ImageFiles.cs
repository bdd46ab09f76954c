using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>Image files, decoded when they are read.</summary>
sealed class ImageFiles : IImageSource
{
    readonly (string Path, int Label)[] files;
    readonly DatasetInfo info;
    readonly DatasetOptions options;

    ImageFiles((string Path, int Label)[] files, string? notice, DatasetInfo info, DatasetOptions options) =>
        (this.files, Notice, this.info, this.options) = (files, notice, info, options);

    public int Count => files.Length;

    /// <summary>A sentence on files that look like images and are not read; null without any.</summary>
    public string? Notice { get; }

    /// <summary>The images in a folder's folders, in an order that is the same on every machine.</summary>
    /// <param name="folder">The folder, with one for each class, or for some of them.</param>
    /// <param name="info">The classes, and the size and the channels that images get.</param>
    /// <param name="options">How they are read.</param>
    /// <exception cref="LowbitException">A folder has no image, or cannot be read.</exception>
    public static ImageFiles In(string folder, DatasetInfo info, DatasetOptions options)
    {
        var files = new List<(string Path, int Label)>();
        var empty = new List<string>();
        var unread = new List<string>();
        for (int label = 0; label < info.Classes.Count; label++)
        {
            string place = Path.Combine(folder, info.Classes[label]);
            if (!Directory.Exists(place)) continue;
            var all = ImageTree.FilesBelow(place);
            int before = files.Count;
            foreach (string path in all.Where(path => ImageFormat.Of(path) is not null)) files.Add((path, label));
            if (files.Count == before) empty.Add(info.Classes[label]);
            unread.AddRange(all.Where(ImageFormat.IsUnread));
        }
        string? notice = unread.Count == 0 ? null : $"{Printable.Line(folder)} has files that are not read: {ByExtension(unread)}";
        return empty.Count == 0 ? new([.. files], notice, info, options) : throw new LowbitException(
            $"{Printable.Line(folder)} has no image ({ImageFormat.Readable}) in its {(empty.Count == 1 ? "folder" : "folders")} {Few(empty)}"
            + (unread.Count == 0 ? "" : $"; {ByExtension(unread)} are not read"));
    }

    public int Label(int index) => files[index].Label;

    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        var decoded = ImageDecoder.Read(files[index].Path, info.Channels, options.MaxMegapixels * 1_000_000L);
        var window = augmentation is null ? CropWindow.Centre(decoded, info.Height) : CropWindow.Random(decoded, augmentation);
        window.Resize(decoded, info.Channels, info.Height, info.Width, image);
        if (augmentation is not null && (options.HorizontalFlip ?? true) && augmentation.NextFlip()) CropAndFlip.Mirror(image, info);
    }

    static string Few(List<string> names)
    {
        const int Most = 5;
        string some = Printable.Line(string.Join(", ", names.Take(Most)));
        return names.Count <= Most ? some : $"{some} and {names.Count - Most} more";
    }

    static string ByExtension(List<string> paths) => string.Join(", ", paths
        .CountBy(path => Path.GetExtension(path).ToLowerInvariant())
        .OrderBy(files => files.Key, StringComparer.Ordinal)
        .Select(files => $"{files.Value} {files.Key}"));
}
