using System.Buffers.Binary;
using System.IO.Compression;
using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class MnistTests : IDisposable
{
    const int Train = MnistFiles.Train, Test = MnistFiles.Test;

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
            Assert.Equal(Enumerable.Range(0, 28 * 28).Select(pixel => MnistFiles.Pixel(1, i, pixel)), image);
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
        MnistFiles.WriteIdx(root["mnist", "t10k-labels-idx1-ubyte.gz"], new byte[Test - 1], Test - 1);
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message;
        Assert.Contains("10 images", message);
        Assert.Contains("9 labels", message);
    }

    [Fact]
    public void A_file_with_fewer_bytes_than_it_states_is_refused_by_name()
    {
        Write("mnist");
        string path = root["mnist", "train-images-idx3-ubyte.gz"];
        MnistFiles.WriteIdx(path, new byte[Train * 28 * 28 - 1], Train, 28, 28);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void A_file_that_is_not_compressed_is_refused_by_name()
    {
        Write("mnist");
        string path = root["mnist", "train-labels-idx1-ubyte.gz"];
        File.WriteAllBytes(path, new byte[38]);
        Assert.Contains($"{path} is damaged, or another kind of file: it is not gzip", Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void Files_may_be_links()
    {
        Write("mnist");
        string path = root["mnist", "train-labels-idx1-ubyte.gz"];
        File.Move(path, root["elsewhere"]);
        File.CreateSymbolicLink(path, root["elsewhere"]);
        using var splits = Datasets.Open(Options("mnist"));
        Assert.NotEqual(0, splits.Train.Count);
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

    [Theory]
    [InlineData("train-images-idx3-ubyte.gz")]
    [InlineData("t10k-labels-idx1-ubyte.gz")]
    public void A_file_cut_anywhere_or_with_something_after_its_end_is_refused_by_name(string name)
    {
        Write("mnist");
        string path = root["mnist", name];
        byte[] whole = File.ReadAllBytes(path);
        int[] cuts = [1, 4, 7, 8, 9, whole.Length / 2, whole.Length - 3, whole.Length];
        foreach (byte[] content in cuts.Select(cut => whole[..^cut]).Concat([[.. whole, 0], [.. whole, .. "rubbish"u8], [.. whole, .. whole]]))
        {
            File.WriteAllBytes(path, content);
            Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
        }
        File.WriteAllBytes(path, whole);
        using var splits = Datasets.Open(Options("mnist"));
    }

    [Fact]
    public void A_changed_byte_anywhere_in_the_compressed_content_or_its_footer_is_refused()
    {
        Write("mnist");
        string path = root["mnist", "train-images-idx3-ubyte.gz"];
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 10; at < whole.Length; at += 211)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x10;
            File.WriteAllBytes(path, changed);
            Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
        }
    }

    [Theory]
    [InlineData(30)]
    [InlineData(100_000)]
    [InlineData(2_700_000)]
    [InlineData(-1)]
    public void A_small_file_that_inflates_to_gigabytes_is_bounded_by_its_header(int stated)
    {
        Write("mnist");
        string path = root["mnist", "train-images-idx3-ubyte.gz"];
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write([0, 0, 8, 3, .. BigEndian(stated), .. BigEndian(28), .. BigEndian(28)]);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++) gzip.Write(zeros);
        }
        MnistFiles.WriteIdx(root["mnist", "train-labels-idx1-ubyte.gz"], new byte[Math.Max(0, stated)], stated);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message;
        Assert.Contains(root["mnist"], message);
        Assert.DoesNotContain(" -1 ", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 150L << 20);
    }

    [Fact]
    public void Files_without_images_are_refused_in_one_sentence()
    {
        Write("mnist");
        MnistFiles.WriteIdx(root["mnist", "t10k-images-idx3-ubyte.gz"], [], 0, 28, 28);
        MnistFiles.WriteIdx(root["mnist", "t10k-labels-idx1-ubyte.gz"], [], 0);
        Assert.Contains("has 0 images", Assert.Throws<LowbitException>(() => Datasets.Open(Options("mnist"))).Message);
    }

    [Fact]
    public void Files_that_are_not_as_published_are_told_of_once()
    {
        Write("mnist");
        using var splits = Datasets.Open(Options("mnist"));
        string notice = Assert.Single(splits.Notices);
        Assert.Contains(root["mnist"], notice);
        Assert.Contains("t10k-labels-idx1-ubyte.gz", notice);
    }

    public void Dispose() => root.Dispose();

    static byte[] BigEndian(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    DatasetOptions Options(string name) => new() { Name = name, Root = root.Path, Download = false };

    void Write(string name) => MnistFiles.Write(root[name]);
}
