using System.Runtime.InteropServices;

namespace Lowbit;

/// <summary>What a path leads to, whichever way it is spelled: which file, and whether one can take its place.</summary>
public static partial class FileIdentity
{
    const int MostLinks = 40, CurrentFolder = -100, BasicStatistics = 0x7ff, StatisticsSize = 256;

    static readonly string[] OpenFiles = ["/dev/std", "/dev/fd/", "/proc/"];

    /// <summary>Whether two paths lead to one file, through links too; also where that file is not there yet.</summary>
    public static bool AreSame(string one, string other) => Of(one) == Of(other);

    /// <summary>The full path of what a path leads to, without links in it.</summary>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static string Followed(string path)
    {
        string full = Path.GetFullPath(path), root = Path.GetPathRoot(full)!;
        int links = MostLinks;
        return Followed(root, full[root.Length..], ref links);
    }

    /// <summary>Whether a path without links is a folder or lies in it.</summary>
    public static bool IsWithin(string folder, string path) =>
        path == folder || path.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Name by name: the ".." of a link's target leads out of the folder that the names before it lead to.
    static string Followed(string folder, string path, ref int links)
    {
        foreach (string name in path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == ".") continue;
            string here = name == ".." ? Path.GetDirectoryName(folder) ?? folder : Path.Combine(folder, name);
            if (name != ".." && new FileInfo(here).LinkTarget is { } target)
            {
                if (links-- == 0) throw new IOException($"{here}: its links lead in a circle");
                string root = Path.GetPathRoot(target)!;
                here = Followed(root.Length > 0 ? root : folder, target[root.Length..], ref links);
            }
            folder = here;
        }
        return folder;
    }

    /// <summary>What lies at a path that is neither a file nor a folder, in words; null where a file or nothing does. It is known on Linux.</summary>
    public static string? Special(string path)
    {
        // Where the system keeps links to what a process has open, which may be ordinary files.
        string full = Path.GetFullPath(path);
        if (OpenFiles.Any(place => full.StartsWith(place, StringComparison.Ordinal))) return "a device";
        return Statistics(path) is not { } statistics ? null : (statistics.Mode & 0xF000) switch
        {
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    static string Of(string path)
    {
        string full = Followed(path);
        if (Statistics(full) is { } statistics) return $"{statistics.Device}:{statistics.Number}";
        return Path.GetDirectoryName(full) is { } folder ? $"{Of(folder)}/{Path.GetFileName(full)}" : full;
    }

    /// <summary>What the kernel says of a file: its fields lie where they lie on every architecture.</summary>
    static unsafe (ushort Mode, ulong Number, ulong Device)? Statistics(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        byte* buffer = stackalloc byte[StatisticsSize];
        try
        {
            return statx(CurrentFolder, path, 0, BasicStatistics, buffer) != 0 ? null : (*(ushort*)(buffer + 28), *(ulong*)(buffer + 32), *(ulong*)(buffer + 136));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* buffer);
}
