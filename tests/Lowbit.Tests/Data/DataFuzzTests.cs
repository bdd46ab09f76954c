using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using Lowbit.Configuration;
using Lowbit.Data;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>
/// Damaged files of every kind that a dataset comes in: each is read as a valid one, or refused in one sentence, in bounded time and memory.
/// LOWBIT_MUTANTS says how many of each kind.
/// </summary>
public sealed class DataFuzzTests : IDisposable
{
    const int MostSeconds = 25;
    const long MostBytes = 3L << 29;

    static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("LOWBIT_MUTANTS") ?? "1000", CultureInfo.InvariantCulture);

    readonly TemporaryFolder root = new();

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("webp")]
    public void Damaged_images_are_read_or_refused(string extension)
    {
        using SKBitmap grey = ImageBytes.RealImages(1)[0], colours = ImageBytes.Bitmap(40, 60, (row, column) => new((byte)(row * 6), (byte)(column * 4), (byte)(row * column)));
        var originals = new List<byte[]> { ImageBytes.Encode(grey, extension), ImageBytes.Encode(colours, extension) };
        if (extension == "jpg") originals.Add(ImageBytes.Turned(originals[1], 6));
        if (extension == "webp") originals.Add(ImageBytes.WebpOf(colours, lossless: false));
        string path = root[$"a.{extension}"];
        AssertAll(originals, Read);

        // Where checksums would refuse most of what is damaged: with those that it should have.
        if (extension == "png") AssertAll(originals, mutant => Read(ImageBytes.WithSums(mutant)));

        void Read(byte[] content)
        {
            File.WriteAllBytes(path, content);
            var image = ImageDecoder.Read(path, 3, 64_000_000);
            Assert.Equal(image.Height * image.Width * 3, image.Pixels.Length);
        }
    }

    [Theory]
    [InlineData("mnist", "t10k-images-idx3-ubyte.gz")]
    [InlineData("mnist", "t10k-labels-idx1-ubyte.gz")]
    [InlineData("cifar10", "test_batch.bin")]
    public void Damaged_dataset_files_are_read_or_refused(string name, string file)
    {
        if (name == "cifar10") CifarFiles.Write(root.Path);
        else MnistFiles.Write(root.Path);
        var options = new DatasetOptions { Name = name, Root = root.Path, Download = false };
        string path = root[file];
        byte[] original = File.ReadAllBytes(path), content = name == "mnist" ? Inflated(original) : [];
        AssertAll([original], Open);

        // What is compressed is damaged before it is compressed, too.
        if (name == "mnist") AssertAll([content], mutant => Open(Compressed(mutant)));

        void Open(byte[] mutant)
        {
            File.WriteAllBytes(path, mutant);
            using var splits = Datasets.Open(options);
            byte[] image = new byte[splits.Info.Shape.Elements];
            for (int i = 0; i < splits.Test.Count; i++) splits.Test.Read(i, image);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_archives_are_unpacked_within_their_folder_or_refused(bool compressedAfterwards)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
            foreach (var format in new[] { TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar })
            {
                writer.WriteEntry(Entry(format, TarEntryType.Directory, $"data{format}/"));
                var file = Entry(format, TarEntryType.RegularFile, $"data{format}/{new string('x', 90)}.bin");
                file.DataStream = new MemoryStream(new byte[1000]);
                writer.WriteEntry(file);
                var link = Entry(format, TarEntryType.SymbolicLink, $"data{format}/link");
                link.LinkName = "../..";
                writer.WriteEntry(link);
            }
        byte[] original = tar.ToArray();
        string path = root["a.tar.gz"], folder = root["inside", "out"];
        AssertAll([compressedAfterwards ? original : Compressed(original)], content =>
        {
            File.WriteAllBytes(path, compressedAfterwards ? Compressed(content) : content);
            Directory.CreateDirectory(folder);
            try
            {
                Archive.Unpack(path, folder, default);
                Assert.All(new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories), entry => Assert.Null(entry.LinkTarget));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
            Assert.Empty(Directory.GetFileSystemEntries(root["inside"]));
        });
    }

    public void Dispose() => root.Dispose();

    static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.Gnu => new GnuTarEntry(type, name),
        TarEntryFormat.Ustar => new UstarTarEntry(type, name),
        _ => new PaxTarEntry(type, name, new Dictionary<string, string> { ["comment"] = "of no use" }),
    };

    /// <summary>Reads mutants, as many of each original; what is thrown must be a sentence, and time and memory within bounds.</summary>
    static void AssertAll(List<byte[]> originals, Action<byte[]> read)
    {
        Assert.SkipUnless(LongTests.AreWanted, LongTests.Reason);
        var clock = new Stopwatch();
        int valid = 0, refused = 0;
        for (int seed = 0; seed < Count; seed++)
        {
            byte[] mutant = Mutants.Of(originals[seed % originals.Count], seed);
            clock.Restart();
            try
            {
                read(mutant);
                valid++;
            }
            catch (Exception error) when (error is LowbitException or InvalidDataException or IOException)
            {
                Assert.DoesNotContain(error.Message, char.IsControl);
                Assert.NotEqual("", error.Message);
                refused++;
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"Mutant {seed} ends with {error.GetType().Name}", error);
            }
            Assert.True(clock.Elapsed.TotalSeconds < MostSeconds, $"Mutant {seed} takes {clock.Elapsed.TotalSeconds:f1} s");
            Assert.True(Environment.WorkingSet < MostBytes, $"After mutant {seed}, {Environment.WorkingSet >> 20} MiB are in use");
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{valid} are valid, {refused} are refused");
    }

    static byte[] Compressed(byte[] content)
    {
        var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest)) gzip.Write(content);
        return result.ToArray();
    }

    static byte[] Inflated(byte[] content)
    {
        var result = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress)) gzip.CopyTo(result);
        return result.ToArray();
    }
}
