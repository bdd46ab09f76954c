namespace Lowbit.Data;

/// <summary>Image files, decoded when they are read.</summary>
sealed class ImageFiles : IImageSource
{
    static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".bmp" };

    readonly (string Path, int Label)[] files;
    readonly DatasetInfo info;
    readonly bool flip;

    ImageFiles((string Path, int Label)[] files, DatasetInfo info, bool flip) => (this.files, this.info, this.flip) = (files, info, flip);

    public int Count => files.Length;

    /// <summary>The images in a folder's folders, in an order that is the same on every machine.</summary>
    /// <param name="folder">The folder, with one for each class.</param>
    /// <param name="info">The classes, and the size and the channels that images get.</param>
    /// <param name="flip">Whether training mirrors them.</param>
    /// <exception cref="LowbitException">There is no image.</exception>
    public static ImageFiles In(string folder, DatasetInfo info, bool flip)
    {
        var files = info.Classes.SelectMany((name, label) => FilesIn(Path.Combine(folder, name)).Select(path => (path, label))).ToArray();
        return files.Length > 0
            ? new(files, info, flip)
            : throw new LowbitException($"{folder} has no images ({string.Join(", ", Extensions.Order())}) in its folders");
    }

    public int Label(int index) => files[index].Label;

    public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
    {
        var decoded = DecodedImage.Read(files[index].Path, info.Channels);
        var window = augmentation is null ? Window.Centre(decoded, info.Height) : Window.Random(decoded, augmentation);
        var rows = new ResizeAxis(decoded.Height, window.Top, window.Height, info.Height);
        var columns = new ResizeAxis(decoded.Width, window.Left, window.Width, info.Width);
        Resize.Bilinear(decoded.Pixels, info.Channels, rows, columns, image);
        if (augmentation is not null && flip && augmentation.NextBool()) CropAndFlip.Mirror(image, info);
    }

    static IEnumerable<string> FilesIn(string folder) => !Directory.Exists(folder) ? [] : Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(path => Extensions.Contains(Path.GetExtension(path)))
        .Order(StringComparer.Ordinal);
}
