using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class ArchiveTests : IDisposable
{
    readonly TemporaryFolder root = new();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Files_and_folders_are_unpacked_with_the_rights_of_new_ones_and_nothing_else_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such rights and devices");
        Unpack(
            new PaxTarEntry(TarEntryType.Directory, "data/"),
            File("data/plain.bin", [1, 2, 3], UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit | (UnixFileMode)0x1FF),
            new PaxTarEntry(TarEntryType.Fifo, "data/pipe"),
            new PaxTarEntry(TarEntryType.CharacterDevice, "data/null") { DeviceMajor = 1, DeviceMinor = 3 },
            new PaxTarEntry(TarEntryType.BlockDevice, "data/disk") { DeviceMajor = 8, DeviceMinor = 0 },
            new PaxTarEntry(TarEntryType.SymbolicLink, "data/link") { LinkName = "/etc/passwd" },
            new PaxTarEntry(TarEntryType.HardLink, "data/hard") { LinkName = "data/plain.bin" });
        Assert.Equal([root["out", "data"], root["out", "data", "plain.bin"]], Directory.GetFileSystemEntries(root["out"], "*", SearchOption.AllDirectories));
        Assert.Equal([1, 2, 3], System.IO.File.ReadAllBytes(root["out", "data", "plain.bin"]));
        UnixFileMode mode = System.IO.File.GetUnixFileMode(root["out", "data", "plain.bin"]);
        Assert.Equal((UnixFileMode)0, mode & (UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit | UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("data/../../outside.bin")]
    [InlineData("/outside.bin")]
    [InlineData("../out-of-it/outside.bin")]
    public void No_file_comes_outside_of_the_folder(string name)
    {
        Assert.Contains("outside", Assert.Throws<InvalidDataException>(() => Unpack(File(name, [1]))).Message);
        Assert.Equal([root["archive.tar.gz"], root["out"]], Directory.GetFileSystemEntries(root.Path, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void A_link_to_elsewhere_and_a_file_through_it_stay_inside()
    {
        Unpack(new PaxTarEntry(TarEntryType.SymbolicLink, "data") { LinkName = root.Path }, File("data/inside.bin", [1]));
        Assert.True(System.IO.File.Exists(root["out", "data", "inside.bin"]));
        Assert.False(System.IO.File.Exists(root["inside.bin"]));
    }

    [Fact]
    public void A_small_archive_of_gigabytes_is_refused_when_it_has_given_as_much_as_it_may()
    {
        Assert.SkipUnless(LongTests.AreWantedInTheGate, LongTests.GateReason);
        using (var gzip = new GZipStream(System.IO.File.Create(root["archive.tar.gz"]), CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
            tar.WriteEntry(File("data/zeros.bin", new byte[600 << 20]));
        Directory.CreateDirectory(root["out"]);
        Assert.Contains("holds more than", Assert.Throws<InvalidDataException>(() => Archive.Unpack(root["archive.tar.gz"], root["out"], default)).Message);
    }

    [Fact]
    public void An_archive_of_very_many_files_is_refused() => Assert.Contains(
        "more than 1000 files",
        Assert.Throws<InvalidDataException>(() => Unpack([.. Enumerable.Range(0, 1001).Select(i => File($"{i}", [1]))])).Message);

    public void Dispose() => root.Dispose();

    static PaxTarEntry File(string name, byte[] content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), Mode = mode };

    void Unpack(params TarEntry[] entries)
    {
        using (var gzip = new GZipStream(System.IO.File.Create(root["archive.tar.gz"]), CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
            foreach (TarEntry entry in entries)
                tar.WriteEntry(entry);
        Directory.CreateDirectory(root["out"]);
        Archive.Unpack(root["archive.tar.gz"], root["out"], default);
    }
}
