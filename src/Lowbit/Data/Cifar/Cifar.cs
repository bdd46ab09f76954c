using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 60,000 colour photographs of 32x32 pixels in 10 or 100 classes, in the binary layout of their authors.
/// Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
/// </summary>
sealed class Cifar : IDataset
{
    const int Size = 32, Channels = 3, Pixels = Size * Size;

    public required string Name { get; init; }

    /// <summary>The folder within the archive.</summary>
    public required string Folder { get; init; }

    public required PublishedFile Archive { get; init; }

    public required string[] TrainFiles { get; init; }

    public required string TestFile { get; init; }

    /// <summary>Bytes before each image's pixels; the last of them is the class.</summary>
    public required int LabelBytes { get; init; }

    public required string[] Classes { get; init; }

    public required float[] Mean { get; init; }

    public required float[] Deviation { get; init; }

    public static Cifar Ten { get; } = new()
    {
        Name = "cifar10",
        Folder = "cifar-10-batches-bin",
        Archive = new(
            "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        TrainFiles = ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        TestFile = "test_batch.bin",
        LabelBytes = 1,
        Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        Mean = [0.4914f, 0.4822f, 0.4465f],
        Deviation = [0.2470f, 0.2435f, 0.2616f],
    };

    public DatasetInfo Describe(DatasetOptions options) => new(Name, Channels, Size, Size, Classes, Mean, Deviation);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = new PublishedFolder(Name, Folder, [.. TrainFiles, TestFile], [Archive]).Find(options, progress, cancel);
        return new(Read([.. TrainFiles.Select(file => Path.Combine(folder, file))]), Read([Path.Combine(folder, TestFile)]));
    }

    ImagesInMemory Read(string[] files)
    {
        int record = LabelBytes + Channels * Pixels;
        byte[][] contents = [.. files.Select(File.ReadAllBytes)];
        foreach (var (file, content) in files.Zip(contents))
            if (content.Length == 0 || content.Length % record != 0)
                throw new LowbitException($"{file} has {content.Length} bytes, not a multiple of the {record} bytes of an image of {Name}");

        byte[] labels = new byte[contents.Sum(content => content.Length / record)], images = new byte[labels.Length * Channels * Pixels];
        int image = 0;
        foreach (var (file, content) in files.Zip(contents))
            for (int at = 0; at < content.Length; at += record, image++)
            {
                labels[image] = content[at + LabelBytes - 1];
                if (labels[image] >= Classes.Length)
                    throw new LowbitException(
                        $"{file} names class {labels[image]} at byte {at + LabelBytes - 1}; {Name} has classes 0 to {Classes.Length - 1}");
                Interleave(content.AsSpan(at + LabelBytes, Channels * Pixels), images.AsSpan(image * Channels * Pixels));
            }
        return new(images, labels);
    }

    static void Interleave(ReadOnlySpan<byte> planes, Span<byte> image)
    {
        for (int channel = 0; channel < Channels; channel++)
            for (int pixel = 0; pixel < Pixels; pixel++)
                image[pixel * Channels + channel] = planes[channel * Pixels + pixel];
    }
}
