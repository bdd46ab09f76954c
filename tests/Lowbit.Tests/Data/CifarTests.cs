using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class CifarTests : IDisposable
{
    readonly TemporaryFolder root = new();

    DatasetOptions Options => new() { Name = "cifar10", Root = root.Path, Download = false, NumWorkers = 0 };

    [Theory]
    [InlineData("cifar-10-batches-bin")]
    [InlineData("cifar10/cifar-10-batches-bin")]
    public void Every_pixel_and_label_of_the_binary_layout_arrives_at_its_place(string folder)
    {
        CifarFiles.Write(root[folder]);
        using var splits = Datasets.Open(Options);

        Assert.Equal(100, splits.Train.Count);
        Assert.Equal(20, splits.Test.Count);
        using var batch = splits.EvaluationLoader(splits.Train, 50).Epoch(0).ElementAt(1);
        Assert.Equal([50, 3, 32, 32], batch.Images.shape);
        Assert.Equal([3 * 32 * 32, 1, 3 * 32, 3], batch.Images.stride());
        for (int i = 0; i < 50; i++)
        {
            int file = 1 + (50 + i) / 20, image = (50 + i) % 20;
            Assert.Equal(CifarFiles.Label(file, image), batch.Labels[i].item<long>());
            foreach (var (channel, row, column) in new[] { (0, 0, 0), (1, 2, 31), (2, 31, 7) })
                Assert.Equal(CifarFiles.Pixel(file, image, channel, row, column), batch.Images[i, channel, row, column].item<byte>());
        }
    }

    [Fact]
    public void Absent_files_are_answered_by_one_sentence_with_the_address_and_the_folder()
    {
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(Options));
        Assert.Contains("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", error.Message);
        Assert.Contains(root["cifar-10-batches-bin"], error.Message);
        Assert.DoesNotContain("\n", error.Message);
    }

    [Fact]
    public void A_file_cut_short_is_refused_by_name()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        string path = root["cifar-10-batches-bin", "data_batch_3.bin"];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
    }

    [Fact]
    public void Files_may_be_links()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        File.Move(root["cifar-10-batches-bin", "test_batch.bin"], root["elsewhere"]);
        File.CreateSymbolicLink(root["cifar-10-batches-bin", "test_batch.bin"], root["elsewhere"]);
        using var splits = Datasets.Open(Options);
        Assert.Equal(20, splits.Test.Count);
    }

    [Fact]
    public void Another_number_of_images_than_published_is_told_once()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        using var splits = Datasets.Open(Options);
        string notice = Assert.Single(splits.Notices);
        Assert.Contains(root["cifar-10-batches-bin"], notice);
        Assert.Contains("100 + 20", notice);
        Assert.Contains("50,000 + 10,000", notice);
    }

    [Fact]
    public void As_many_images_as_published_need_no_word()
    {
        Assert.SkipUnless(LongTests.AreWantedInTheGate, LongTests.GateReason);
        Directory.CreateDirectory(root["cifar-100-binary"]);
        foreach (var (name, count) in new[] { ("train.bin", 50_000), ("test.bin", 10_000) })
            using (var file = File.Create(root["cifar-100-binary", name]))
                file.SetLength(count * 3074L);
        using var splits = Datasets.Open(Options with { Name = "cifar100" });
        Assert.Empty(splits.Notices);
    }

    [Fact]
    public void A_file_of_more_images_than_fit_into_memory_is_refused_before_it_is_read()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        using (var file = File.Create(root["cifar-10-batches-bin", "data_batch_2.bin"])) file.SetLength(3073L * 2_000_000);
        Assert.Contains("2000080 images", Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
    }

    [Fact]
    public void A_file_without_images_is_refused_by_name()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        string path = root["cifar-10-batches-bin", "test_batch.bin"];
        File.WriteAllBytes(path, []);
        Assert.Contains(path, Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
    }

    [Fact]
    public void A_label_beyond_the_classes_is_refused_by_name_and_place()
    {
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        string path = root["cifar-10-batches-bin", "test_batch.bin"];
        byte[] content = File.ReadAllBytes(path);
        content[2 * 3073] = 10;
        File.WriteAllBytes(path, content);
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message;
        Assert.Contains(path, message);
        Assert.Contains("byte 6146", message);
    }

    [Fact]
    public void The_real_images_have_the_mean_and_the_deviation_that_are_stated()
    {
        string? folder = Environment.GetEnvironmentVariable("LOWBIT_CIFAR10");
        Assert.SkipWhen(folder is null, "LOWBIT_CIFAR10 names no folder with cifar-10-batches-bin");
        using var splits = Datasets.Open(Options with { Root = folder });
        Assert.Equal(50_000, splits.Train.Count);
        Assert.Equal(10_000, splits.Test.Count);
        Assert.All(Enumerable.Range(0, splits.Train.Count).CountBy(splits.Train.Label), images => Assert.Equal(5_000, images.Value));
        PixelStatistics.AssertAsStated(splits, tolerance: 0.005);
    }

    [Fact]
    public void Cifar100_takes_the_second_of_its_two_labels()
    {
        byte[] record = [3, 71, .. new byte[3072]];
        Directory.CreateDirectory(root["cifar-100-binary"]);
        foreach (string file in new[] { "train.bin", "test.bin" })
            File.WriteAllBytes(root["cifar-100-binary", file], [.. record, .. record]);
        using var splits = Datasets.Open(Options with { Name = "cifar100" });
        Assert.Equal(2, splits.Train.Count);
        Assert.Equal("sea", splits.Info.Classes[splits.Train.Label(1)]);
        Assert.Equal(100, splits.Info.Classes.Distinct().Count());
    }

    public void Dispose() => root.Dispose();
}
