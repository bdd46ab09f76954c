using System.Buffers.Binary;
using System.IO.Compression;
using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class MnistTests : IDisposable
{
    const int Train = 30, Test = 10;

    readonly TemporaryFolder root = new();

    [Theory]
    [InlineData("mnist", "7")]
    [InlineData("fashion_mnist", "Sneaker")]
    public void Every_pixel_and_label_of_the_files_arrives_at_its_place(string name, string seventh)
    {
        Write(name);
        using var splits = Datasets.Open(Options(name));
        Assert.Equal((Train, Test), (splits.Train.Count, splits.Test.Count));
        Assert.Equal(new(1, 28, 28), splits.Info.Shape);
        Assert.Equal(seventh, splits.Info.Classes[7]);
        byte[] image = new byte[28 * 28];
        for (int i = 0; i < Test; i++)
        {
            splits.Test.Read(i, image);
            Assert.Equal(Enumerable.Range(0, 28 * 28).Select(pixel => Pixel(1, i, pixel)), image);
            Assert.Equal((i * 3) % 10, splits.Test.Label(i));
        }
    }

    [Fact]
    public void Absent_files_are_answered_by_one_sentence_with_the_addresses_and_the_folder()
    {
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message;
        Assert.Contains("https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz", message);
        Assert.Contains(root["mnist"], message);
    }

    [Fact]
    public void Files_of_different_counts_are_refused()
    {
        Write("mnist");
        WriteIdx(root["mnist", "t10k-labels-idx1-ubyte.gz"], new byte[Test - 1], Test - 1);
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message;
        Assert.Contains("10 images", message);
        Assert.Contains("9 labels", message);
    }

    [Fact]
    public void A_file_with_fewer_bytes_than_it_states_is_refused_by_name()
    {
        Write("mnist");
        string path = root["mnist", "train-images-idx3-ubyte.gz"];
        WriteIdx(path, new byte[Train * 28 * 28 - 1], Train, 28, 28);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void A_file_that_is_not_compressed_is_refused_by_name()
    {
        Write("mnist");
        string path = root["mnist", "train-labels-idx1-ubyte.gz"];
        File.WriteAllBytes(path, new byte[38]);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void Images_in_the_place_of_labels_are_refused_by_name()
    {
        Write("mnist");
        string path = root["mnist", "train-labels-idx1-ubyte.gz"];
        File.Copy(root["mnist", "train-images-idx3-ubyte.gz"], path, overwrite: true);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void Files_that_lie_in_the_root_itself_are_only_taken_where_the_root_is_called_as_their_dataset()
    {
        Write("");
        foreach (string name in new[] { "mnist", "fashion_mnist" })
            Assert.Contains("may be another dataset's", Assert.Throws<LowbitException>(() => Datasets.Open(Options(name))).Message);

        Write("FashionMNIST");
        using (DatasetSplits splits = Datasets.Open(Options("fashion_mnist") with { Root = root["FashionMNIST"] + "/" })) Assert.Equal(Train, splits.Train.Count);
        Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist") with { Root = root["FashionMNIST"] }));
    }

    public void Dispose() => root.Dispose();

    DatasetOptions Options(string name) => new() { Name = name, Root = root.Path, Download = false };

    void Write(string name)
    {
        foreach (var (split, file, count) in new[] { (0, "train", Train), (1, "t10k", Test) })
        {
            byte[] pixels =
                [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 28 * 28).Select(pixel => Pixel(split, i, pixel)))];
            WriteIdx(root[name, $"{file}-images-idx3-ubyte.gz"], pixels, count, 28, 28);
            WriteIdx(root[name, $"{file}-labels-idx1-ubyte.gz"], [.. Enumerable.Range(0, count).Select(i => (byte)(i * 3 % 10))], count);
        }
    }

    static byte Pixel(int split, int image, int pixel) => (byte)(split * 101 + image * 17 + pixel / 28 * 5 + pixel % 28);

    static void WriteIdx(string path, byte[] content, params int[] dimensions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        byte[] number = new byte[4];
        foreach (int value in dimensions.Prepend(8 << 8 | dimensions.Length))
        {
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            gzip.Write(number);
        }
        gzip.Write(content);
    }
}
