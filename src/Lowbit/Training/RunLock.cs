using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lowbit.Training;

/// <summary>
/// A run folder that nobody else writes into. It is held by a file that stays open, exclusively, as long as the run: when the process dies, the kernel
/// closes it. What the file says, who holds it, is for messages only.
/// </summary>
sealed class RunLock : IDisposable
{
    const int WouldBlockOnLinux = 11, WouldBlockOnMac = 35, SharingViolationOnWindows = unchecked((int)0x80070020);

    FileStream file;
    string holder;

    RunLock(RunFolder folder, FileStream file)
    {
        (Folder, this.file) = (folder, file);
        holder = Sign(file);
    }

    /// <summary>The folder that is held.</summary>
    public RunFolder Folder { get; }

    /// <summary>Makes a folder and holds it; null where something of that name is there already, or another process is making it.</summary>
    public static RunLock? TryCreate(RunFolder folder)
    {
        if (Path.Exists(folder.Path)) return null;
        FolderOnDisk.Create(folder.Path);
        try
        {
            return new(folder, Open(folder, FileMode.CreateNew));
        }
        catch (IOException) when (File.Exists(folder.Lock))
        {
            return null;
        }
    }

    /// <summary>Holds a folder that is there.</summary>
    /// <exception cref="LowbitException">Another run holds it.</exception>
    public static RunLock Take(RunFolder folder) => new(folder, OpenFree(folder));

    /// <summary>Whether a process holds a folder.</summary>
    public static bool IsTaken(RunFolder folder)
    {
        if (!File.Exists(folder.Lock)) return false;
        try
        {
            using var _ = new FileStream(folder.Lock, FileMode.Open, FileAccess.Read, FileShare.Read);   // a shared lock: who asks at the same time is not in the way
            return false;
        }
        catch (IOException problem) when (IsHeldElsewhere(problem))
        {
            return true;
        }
    }

    /// <summary>Whether the folder is the one that this object holds; not where it was removed, which Windows does not allow.</summary>
    public bool IsHeld => OperatingSystem.IsWindows() || HolderOf(Folder) == holder;

    /// <summary>Makes and holds the folder again after it was removed.</summary>
    /// <exception cref="LowbitException">Another run has made a folder of that name and holds it.</exception>
    public void Renew()
    {
        FolderOnDisk.Create(Folder.Path);
        file.Dispose();
        file = OpenFree(Folder);
        holder = Sign(file);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    static FileStream OpenFree(RunFolder folder)
    {
        try
        {
            return Open(folder, FileMode.OpenOrCreate);
        }
        catch (IOException problem) when (IsHeldElsewhere(problem))
        {
            string who = HolderOf(folder) is { Length: > 0 } text ? text.TrimEnd() : "another process";
            throw new LowbitException($"{folder.Path} is being trained by {who}; only one process at a time can continue a run", problem);
        }
    }

    static bool IsHeldElsewhere(IOException problem) => problem.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows;

    static FileStream Open(RunFolder folder, FileMode mode) => new(folder.Lock, mode, FileAccess.ReadWrite, FileShare.None);

    static string Sign(FileStream file)
    {
        string holder = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} since {DateTime.UtcNow:O}\n");
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes(holder));
        file.Flush();
        return holder;
    }

    static string? HolderOf(RunFolder folder)
    {
        if (OperatingSystem.IsWindows()) return null;
        SafeFileHandle handle = PosixFile.OpenToRead(folder.Lock);   // .NET would ask for a lock of its own
        if (handle.IsInvalid) return null;
        using var reader = new StreamReader(new FileStream(handle, FileAccess.Read));
        return reader.ReadToEnd();
    }
}
