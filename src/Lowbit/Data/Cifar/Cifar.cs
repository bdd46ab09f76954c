using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 60,000 colour photographs of 32x32 pixels in 10 or 100 classes, in the binary layout of their authors.
/// Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
/// </summary>
sealed record Cifar(
    string Name, PublishedFolder Folder, int LabelBytes, IReadOnlyList<string> Classes,
    IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation) : IDataset
{
    const int Size = 32, Channels = 3, Pixels = Size * Size;

    public static Cifar Ten { get; } = new(
        "cifar10",
        new("cifar10", "cifar-10-batches-bin",
            ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"],
            [new(
                "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")]),
        LabelBytes: 1,
        CifarClasses.Ten,
        Mean: [0.4914f, 0.4822f, 0.4465f],
        Deviation: [0.2470f, 0.2435f, 0.2616f]);

    public static Cifar Hundred { get; } = new(
        "cifar100",
        new("cifar100", "cifar-100-binary",
            ["train.bin", "test.bin"],
            [new(
                "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8",
                "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz")]),
        LabelBytes: 2,
        CifarClasses.Hundred,
        Mean: [0.5071f, 0.4865f, 0.4409f],
        Deviation: [0.2673f, 0.2564f, 0.2762f]);

    public DatasetInfo Describe(DatasetOptions options) => new(Name, Channels, Size, Size, Classes, Mean, Deviation);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Folder.Find(options, progress, cancel);
        string[] files = [.. Folder.Files.Select(file => Path.Combine(folder, file))];
        return new(Read(files[..^1]), Read(files[^1..]));
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
                // CIFAR-100 has a coarse label before the fine one.
                int label = at + LabelBytes - 1;
                if (content[label] >= Classes.Count)
                    throw new LowbitException(
                        $"{file} names class {content[label]} at byte {label}; {Name} has classes 0 to {Classes.Count - 1}");
                labels[image] = content[label];
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
