using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 60,000 colour photographs of 32x32 pixels in 10 or 100 classes, in the binary layout of their authors.
/// Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
/// </summary>
sealed record Cifar(
    string Name, PublishedFolder Folder, int LabelBytes, int TrainImages, IReadOnlyList<string> Classes,
    IReadOnlyList<float> Mean, IReadOnlyList<float> Std) : IDataset
{
    const int Size = 32, Channels = 3, Pixels = Size * Size, TestImages = 10_000;

    public static Cifar Ten { get; } = new(
        "cifar10",
        new("cifar10", "cifar-10-batches-bin",
            ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"],
            [new(
                "cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")]),
        LabelBytes: 1,
        TrainImages: 50_000,
        CifarClasses.Ten,
        Mean: [0.4914f, 0.4822f, 0.4465f],
        Std: [0.2470f, 0.2435f, 0.2616f]);

    public static Cifar Hundred { get; } = new(
        "cifar100",
        new("cifar100", "cifar-100-binary",
            ["train.bin", "test.bin"],
            [new(
                "cifar-100-binary.tar.gz", 168_513_733, "03b5dce01913d631647c71ecec9e9cb8",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz")]),
        LabelBytes: 2,
        TrainImages: 50_000,
        CifarClasses.Hundred,
        Mean: [0.5071f, 0.4865f, 0.4409f],
        Std: [0.2673f, 0.2564f, 0.2762f]);

    public DatasetInfo Describe(DatasetOptions options) => new(Name, Channels, Size, Size, Classes, Mean, Std);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Folder.Find(options, progress, cancel);
        string[] files = [.. Folder.Files.Select(file => Path.Combine(folder, file))];
        ImagesInMemory train = Read(files[..^1]), test = Read(files[^1..]);
        return new(train, test)
        {
            Notices = (train.Count, test.Count) == (TrainImages, TestImages) ? [] :
            [
                $"{Name} in {folder} has {train.Count:N0} + {test.Count:N0} images where the published files have {TrainImages:N0} + {TestImages:N0}: "
                + "a subset of it, or another version",
            ],
        };
    }

    ImagesInMemory Read(string[] files)
    {
        int record = LabelBytes + Channels * Pixels;
        int[] counts = [.. files.Select(file => CountIn(file, record))];
        long count = counts.Sum(count => (long)count);
        if (count > Array.MaxLength / (Channels * Pixels))
            throw new LowbitException($"{Path.GetDirectoryName(files[0])} has {count} images, more than fit into memory");

        byte[] labels = new byte[count], images = new byte[count * Channels * Pixels], content = new byte[record];
        int image = 0;
        foreach (var (file, inFile) in files.Zip(counts))
        {
            using var stream = File.OpenRead(file);
            for (int i = 0; i < inFile; i++, image++)
            {
                stream.ReadExactly(content);

                // CIFAR-100 has a coarse label before the fine one.
                labels[image] = content[LabelBytes - 1];
                if (labels[image] >= Classes.Count)
                    throw new LowbitException(
                        $"{file} names class {labels[image]} at byte {(long)i * record + LabelBytes - 1}; {Name} has classes 0 to {Classes.Count - 1}");
                Interleave(content.AsSpan(LabelBytes), images.AsSpan(image * Channels * Pixels));
            }
        }
        return new(images, labels);
    }

    int CountIn(string file, int record)
    {
        long length = FileSize.Of(file);
        return length > 0 && length % record == 0 && length / record <= int.MaxValue
            ? (int)(length / record)
            : throw new LowbitException($"{file} has {length} bytes, not a multiple of the {record} bytes of an image of {Name}");
    }

    static void Interleave(ReadOnlySpan<byte> planes, Span<byte> image)
    {
        for (int channel = 0; channel < Channels; channel++)
            for (int pixel = 0; pixel < Pixels; pixel++)
                image[pixel * Channels + channel] = planes[channel * Pixels + pixel];
    }
}
