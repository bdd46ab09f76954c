using System.Formats.Tar;
using System.IO.Compression;
using Lowbit.Configuration;
using Lowbit.Data.Downloads;

namespace Lowbit.Data;

/// <summary>
/// 60,000 colour photographs of 32x32 pixels, in the binary layout of their publisher: one byte of label (CIFAR-100: two, the second counts), then 1,024 bytes each
/// of red, green and blue. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images". https://www.cs.toronto.edu/~kriz/cifar.html.
/// </summary>
sealed record Cifar(DatasetInfo Info, string Folder, string[] TrainFiles, string TestFile, int LabelBytes, Archive Archive)
{
    const int Size = 32, Plane = Size * Size, Channels = 3;

    public static Cifar Ten { get; } = new(
        new("cifar10", Channels, Size, Size, ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
            [0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]),
        "cifar-10-batches-bin", [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")], "test_batch.bin", 1,
        new(["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"], "c32a1d4ab5d03f1284b67883e8d87530"));

    public (IImageSource Train, IImageSource Test) Read(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Find(options, progress, cancel);
        return (Images(folder, TrainFiles), Images(folder, [TestFile]));
    }

    string Find(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string wanted = Path.Combine(options.Root, Folder);
        string? found = new[] { wanted, Path.Combine(options.Root, Info.Name, Folder), options.Root }
            .FirstOrDefault(folder => TrainFiles.Append(TestFile).All(file => File.Exists(Path.Combine(folder, file))));
        if (found is not null) return found;
        if (!options.Download)
            throw new LowbitException($"{Info.Name} is not in {Path.GetFullPath(wanted)}; set dataset.download to true, or unpack {Archive.Urls[0]} into {Path.GetFullPath(options.Root)}");
        Unpack(Downloader.Fetch(Archive, options.Root, progress, cancel), wanted);
        return wanted;
    }

    /// <summary>Unpacks aside, then renames: the folder is whole or not there.</summary>
    void Unpack(string archive, string folder)
    {
        string aside = $"{folder}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(aside);
            using (FileStream file = File.OpenRead(archive))
            using (var unzipped = new GZipStream(file, CompressionMode.Decompress)) TarFile.ExtractToDirectory(unzipped, aside, overwriteFiles: true);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.Move(Path.Combine(aside, Folder), folder);
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException or DirectoryNotFoundException)
        {
            throw new LowbitException($"{archive} is not the archive of {Info.Name}: {problem.Message}", problem);
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
    }

    ImagesInMemory Images(string folder, string[] files)
    {
        byte[][] contents = [.. files.Select(file => File.ReadAllBytes(Path.Combine(folder, file)))];
        int record = LabelBytes + Channels * Plane;
        foreach (var (file, content) in files.Zip(contents))
            if (content.Length == 0 || content.Length % record != 0)
                throw new LowbitException($"{Path.Combine(folder, file)} is not a file of {Info.Name}: its {content.Length} bytes are not a multiple of {record}");
        int count = contents.Sum(content => content.Length / record);
        var pixels = new byte[count * Channels * Plane];
        var labels = new int[count];
        int image = 0;
        foreach (byte[] content in contents)
            for (int at = 0; at < content.Length; at += record, image++)
            {
                labels[image] = content[at + LabelBytes - 1];
                if (labels[image] >= Info.Classes.Count)
                    throw new LowbitException($"{folder} is damaged: an image has the label {labels[image]}, and {Info.Name} has {Info.Classes.Count} classes");
                Interleave(content.AsSpan(at + LabelBytes, Channels * Plane), pixels.AsSpan(image * Channels * Plane));
            }
        return new(pixels, labels);
    }

    /// <summary>From planes of one colour to pixels of three.</summary>
    static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (int i = 0; i < Plane; i++)
            for (int c = 0; c < Channels; c++) pixels[i * Channels + c] = planes[c * Plane + i];
    }
}
