using System.Formats.Tar;
using System.IO.Compression;

namespace Lowbit.Data;

/// <summary>Unpacks .tar.gz files: files and folders, with the rights of new ones, and nothing else.</summary>
static class Archive
{
    // Several times what any dataset here has: seven files, 176 MiB.
    const int MostFiles = 1000;
    const long MostBytes = 1 << 29;

    /// <summary>Unpacks the files and folders of an archive; links, devices and pipes are passed over.</summary>
    /// <param name="archive">The .tar.gz file.</param>
    /// <param name="folder">The folder to unpack into, which is there.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="InvalidDataException">It is damaged, holds too much, or names a place outside of the folder.</exception>
    public static void Unpack(string archive, string folder, CancellationToken cancel)
    {
        try
        {
            using var content = new LimitedStream(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress), MostBytes);
            using var tar = new TarReader(content);
            for (int entries = 0; tar.GetNextEntry() is { } entry; entries++)
            {
                cancel.ThrowIfCancellationRequested();
                if (entries == MostFiles) throw new InvalidDataException($"it has more than {MostFiles} files");
                Unpack(entry, folder);
            }
        }
        catch (Exception error) when (error is not (IOException or UnauthorizedAccessException or OperationCanceledException or OutOfMemoryException))
        {
            // A reader of archives stumbles over what it did not expect in several ways.
            throw new InvalidDataException($"{archive} cannot be unpacked: {Printable.Line(error.Message.TrimEnd('.'))}", error);
        }
    }

    static void Unpack(TarEntry entry, string folder)
    {
        bool isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;
        if (!isFile && entry.EntryType != TarEntryType.Directory) return;
        string path = Path.GetFullPath(Path.Combine(folder, entry.Name)), root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        if (!(path + Path.DirectorySeparatorChar).StartsWith(root, StringComparison.Ordinal))
            throw new InvalidDataException($"it names {entry.Name}, a place outside of its folder");
        Directory.CreateDirectory(isFile ? Path.GetDirectoryName(path)! : path);
        if (!isFile) return;
        if (Directory.Exists(path)) throw new InvalidDataException($"it names {entry.Name} as a file and as a folder");
        using var file = File.Create(path);
        entry.DataStream?.CopyTo(file);
    }
}
