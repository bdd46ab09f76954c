using Microsoft.Win32.SafeHandles;

namespace Lowbit;

/// <summary>Folders whose entries are on the disk, so that a loss of power does not take a file that was renamed into them.</summary>
static class FolderOnDisk
{
    /// <summary>Makes a folder, and those above it, where it is not there.</summary>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder)) return;
        string? parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null) Create(parent);
        Directory.CreateDirectory(folder);
        if (parent is not null) Flush(parent);
    }

    /// <summary>Makes sure that the entries of a folder are on the disk. Windows does so with the files themselves.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using SafeFileHandle handle = PosixFile.OpenToRead(folder);
        if (!handle.IsInvalid) RandomAccess.FlushToDisk(handle);
    }
}
