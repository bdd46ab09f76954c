using System.Globalization;

namespace Lowbit;

/// <summary>Writes files that are either whole or not there: aside first, then renamed over the old one. A link stays, and the file that it leads to is written.</summary>
public static class AtomicFile
{
    const string Partial = ".partial";

    /// <summary>Lets <paramref name="write"/> fill a new file, makes sure that it is on the disk, and puts it in the place of <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written to, or a pipe or a device lies there; an existing file at <paramref name="path"/> is unchanged.</exception>
    /// <param name="path">Where the file is to be.</param>
    /// <param name="write">Fills it.</param>
    /// <param name="check">Is given the name of the whole file while it still lies aside; where it throws, the file is not kept.</param>
    public static void Write(string path, Action<Stream> write, Action<string>? check = null)
    {
        if (FileIdentity.Special(path) is { } special) throw new IOException($"{path} is {special}, and a file would take its place");
        path = FileIdentity.Followed(path);
        FolderOnDisk.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string aside = $"{path}.{Environment.ProcessId}{Partial}";
        try
        {
            using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            check?.Invoke(aside);
            File.Move(aside, path, overwrite: true);
            FolderOnDisk.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 in the place of <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written to; an existing file at <paramref name="path"/> is unchanged.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a copy of a file in the place of <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The file cannot be read, or the folder cannot be written to; an existing file at <paramref name="path"/> is unchanged.</exception>
    public static void Copy(string source, string path) => Write(path, stream =>
    {
        using FileStream original = File.OpenRead(source);
        original.CopyTo(stream);
    });

    /// <summary>Removes what processes that were killed left of files that they were writing.</summary>
    /// <param name="folder">The folder of the files; it need not be there.</param>
    /// <param name="name">The file's name; * stands for any characters.</param>
    public static void RemoveLeftovers(string folder, string name)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string path in Directory.EnumerateFiles(folder, $"{name}.*{Partial}"))
            if (int.TryParse(Path.GetExtension(path.AsSpan()[..^Partial.Length])[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _)) File.Delete(path);
    }
}
