using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class DownloadTests : IDisposable
{
    readonly TemporaryFolder root = new();
    readonly FileServer server = new();
    readonly byte[] content = new byte[300_000];

    public DownloadTests()
    {
        new Random(1).NextBytes(content);
        server.Files["file.bin"] = content;
    }

    PublishedFile File => PublishedAs("file.bin", content);

    [Fact]
    public void A_file_arrives_whole_and_its_progress_is_told()
    {
        var progress = new List<DownloadProgress>();
        string path = Download.Fetch(File, root.Path, new Reports(progress), default);
        Assert.Equal(content, System.IO.File.ReadAllBytes(path));
        Assert.Equal(new("file.bin", 0, 300_000), progress[0]);
        Assert.Equal(new("file.bin", 300_000, 300_000), progress[^1]);
        Assert.Equal(progress.Select(report => report.Received).Order(), progress.Select(report => report.Received));
    }

    [Fact]
    public void A_connection_that_breaks_midway_is_gone_on_with_from_the_last_byte()
    {
        // More breaks than attempts: as long as something comes, it goes on.
        foreach (int end in new[] { 100_000, 50_000, 1, 20_000, 30_000 }) server.Breaks.Enqueue(end);
        string path = Download.Fetch(File, root.Path, null, default);
        Assert.Equal(content, System.IO.File.ReadAllBytes(path));
        Assert.Equal([0, 100_000, 150_000, 150_001, 170_001, 200_001], server.Requests);
    }

    [Fact]
    public void What_an_earlier_process_left_is_gone_on_with()
    {
        System.IO.File.WriteAllBytes(root["file.bin.partial"], content[..123_456]);
        string path = Download.Fetch(File, root.Path, null, default);
        Assert.Equal(content, System.IO.File.ReadAllBytes(path));
        Assert.Equal([123_456], server.Requests);
        Assert.False(System.IO.File.Exists(root["file.bin.partial"]));
    }

    [Fact]
    public void A_partial_file_that_was_whole_already_is_checked_and_kept()
    {
        System.IO.File.WriteAllBytes(root["file.bin.partial"], content);
        Assert.Equal(content, System.IO.File.ReadAllBytes(Download.Fetch(File, root.Path, null, default)));
    }

    [Fact]
    public void A_server_without_ranges_is_read_from_the_start()
    {
        server.KnowsRanges = false;
        server.Breaks.Enqueue(100_000);
        Assert.Equal(content, System.IO.File.ReadAllBytes(Download.Fetch(File, root.Path, null, default)));
    }

    [Fact]
    public void A_partial_file_of_something_else_is_thrown_away_and_fetched_again()
    {
        System.IO.File.WriteAllBytes(root["file.bin.partial"], new byte[1000]);
        Assert.Equal(content, System.IO.File.ReadAllBytes(Download.Fetch(File, root.Path, null, default)));
    }

    [Fact]
    public void A_place_that_does_not_have_the_file_is_followed_by_its_mirror()
    {
        var file = File with { Urls = [server.UrlOf("moved.bin"), server.UrlOf("file.bin")] };
        Assert.Equal(content, System.IO.File.ReadAllBytes(Download.Fetch(file, root.Path, null, default)));
    }

    [Fact]
    public void Wrong_content_is_refused_and_not_kept()
    {
        var error = Assert.Throws<LowbitException>(() => Download.Fetch(File with { Md5 = Md5Of([]) }, root.Path, null, default));
        Assert.Contains(server.UrlOf("file.bin"), error.Message);
        Assert.Contains("MD5", error.Message);
        Assert.Empty(Directory.GetFiles(root.Path));
    }

    [Fact]
    public void Content_of_the_right_MD5_and_another_SHA256_is_refused_and_not_kept()
    {
        var file = File with { Sha256 = new string('0', 64) };
        Assert.Contains("SHA-256", Assert.Throws<LowbitException>(() => Download.Fetch(file, root.Path, null, default)).Message);
        Assert.Empty(Directory.GetFiles(root.Path));
    }

    [Fact]
    public void Redirects_are_followed_within_what_is_allowed()
    {
        server.Redirects["moved.bin"] = "/file.bin";
        server.Redirects["before.bin"] = server.UrlOf("moved.bin");
        string path = Download.Fetch(File with { Urls = [server.UrlOf("before.bin")] }, root.Path, null, default);
        Assert.Equal(content, System.IO.File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("file:///etc/passwd", "only https is fetched")]
    [InlineData("ftp://localhost/file.bin", "only https is fetched")]
    [InlineData("http://192.0.2.1/file.bin", "only https is fetched")]
    [InlineData("/loop.bin", "redirects more than 10 times")]
    [InlineData("http://[", "")]
    public void A_redirect_to_elsewhere_is_refused_in_one_sentence(string place, string why)
    {
        server.Redirects["loop.bin"] = place;
        var error = Assert.Throws<LowbitException>(() => Download.Fetch(File with { Urls = [server.UrlOf("loop.bin")] }, root.Path, null, default));
        Assert.Contains(why, error.Message);
        Assert.DoesNotContain("\n", error.Message);
    }

    [Theory]
    [InlineData("http://example.com/file.bin")]
    [InlineData("file:///etc/passwd")]
    public void A_place_without_https_is_not_asked(string url) => Assert.Contains(
        "only https is fetched", Assert.Throws<LowbitException>(() => Download.Fetch(File with { Urls = [url] }, root.Path, null, default)).Message);

    [Fact]
    public void Every_published_place_is_reached_by_https()
    {
        var files = new[] { Cifar.Ten.Folder, Cifar.Hundred.Folder, Mnist.Digits.Folder, Mnist.Fashion.Folder }.SelectMany(folder => folder.Published).ToArray();
        Assert.All(files.SelectMany(file => file.Urls), url => Assert.StartsWith("https://", url));
        Assert.All(files, file => Assert.Equal((32, 64), (file.Md5.Length, file.Sha256?.Length ?? 64)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_more_is_received_than_the_file_has(bool tellsLengths)
    {
        server.TellsLengths = tellsLengths;
        server.Files["file.bin"] = new byte[50_000_000];
        var progress = new List<DownloadProgress>();
        var error = Assert.Throws<LowbitException>(() => Download.Fetch(File, root.Path, new Reports(progress), default));
        Assert.Contains("300000", error.Message);
        Assert.All(progress, report => Assert.InRange(report.Received, 0, 300_000));
        Assert.All(Directory.GetFiles(root.Path), path => Assert.Equal(0, new FileInfo(path).Length));
    }

    [Fact]
    public void A_partial_file_longer_than_the_file_is_begun_anew()
    {
        System.IO.File.WriteAllBytes(root["file.bin.partial"], new byte[300_001]);
        Assert.Equal(content, System.IO.File.ReadAllBytes(Download.Fetch(File, root.Path, null, default)));
    }

    [Fact]
    public void Cancelling_ends_a_download_and_keeps_what_has_come()
    {
        using var cancel = new CancellationTokenSource();
        server.Breaks.Enqueue(200_000);
        var cancelling = new Reports([], report => { if (report.Received > 0) cancel.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => Download.Fetch(File, root.Path, cancelling, cancel.Token));
        Assert.NotEqual(0, new FileInfo(root["file.bin.partial"]).Length);
    }

    [Fact]
    public void A_dataset_that_is_not_there_is_fetched_unpacked_and_found_the_next_time_without_a_server()
    {
        using var splits = Datasets.Open(Published(), Options);
        Assert.Equal(100, splits.Train.Count);
        Assert.Equal([root["cifar-10-batches-bin"]], Directory.GetFileSystemEntries(root.Path));

        server.Files.Clear();
        using var again = Datasets.Open(Published(), Options);
        Assert.Equal(20, again.Test.Count);
    }

    [Fact]
    public void A_folder_that_lacks_a_file_is_completed()
    {
        var dataset = Published();
        CifarFiles.Write(root["cifar-10-batches-bin"]);
        System.IO.File.Delete(root["cifar-10-batches-bin", "data_batch_4.bin"]);
        System.IO.File.WriteAllText(root["cifar-10-batches-bin", "notes.txt"], "mine");
        using var splits = Datasets.Open(dataset, Options);
        Assert.Equal(100, splits.Train.Count);
        Assert.True(System.IO.File.Exists(root["cifar-10-batches-bin", "notes.txt"]));
    }

    [Fact]
    public void A_download_that_fails_is_told_in_one_sentence_with_the_address_and_the_folder()
    {
        var dataset = Published();
        server.Files.Clear();
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(dataset, Options));
        Assert.Contains(server.UrlOf("cifar.tar.gz"), error.Message);
        Assert.Contains("404", error.Message);
        Assert.Contains(root["cifar-10-batches-bin"], error.Message);
    }

    [Fact]
    public void A_damaged_archive_leaves_no_folder_behind()
    {
        var dataset = Published(damage: archive => archive[..(archive.Length / 2)]);
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(dataset, Options));
        Assert.Contains(root["cifar-10-batches-bin"], error.Message);
        Assert.Empty(Directory.GetDirectories(root.Path));
    }

    public void Dispose()
    {
        server.Dispose();
        root.Dispose();
    }

    DatasetOptions Options => new() { Root = root.Path };

    /// <summary>CIFAR-10, but small and from the server here.</summary>
    Cifar Published(Func<byte[], byte[]>? damage = null)
    {
        using var folder = new TemporaryFolder();
        CifarFiles.Write(folder["cifar-10-batches-bin"]);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            TarFile.CreateFromDirectory(folder.Path, gzip, includeBaseDirectory: false);
        byte[] archive = packed.ToArray();
        archive = damage?.Invoke(archive) ?? archive;
        server.Files["cifar.tar.gz"] = archive;
        return Cifar.Ten with { Folder = Cifar.Ten.Folder with { Published = [PublishedAs("cifar.tar.gz", archive)] } };
    }

    PublishedFile PublishedAs(string name, byte[] content) =>
        new(name, content.Length, Md5Of(content), Convert.ToHexStringLower(SHA256.HashData(content)), server.UrlOf(name));

#pragma warning disable CA5351
    static string Md5Of(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351

    sealed class Reports(List<DownloadProgress> reports, Action<DownloadProgress>? then = null) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            reports.Add(value);
            then?.Invoke(value);
        }
    }
}
