namespace Lowbit.Data;

/// <summary>
/// Folders and the files below them, those with a name that begins with a dot left out. Links are followed, but for those that lead back to a
/// folder that they lie in; no folder is gone through twice.
/// </summary>
static class ImageTree
{
    /// <summary>The names of a folder's folders, in an order that is the same on every machine.</summary>
    /// <exception cref="LowbitException">The folder cannot be read.</exception>
    public static string[] FoldersIn(string folder)
    {
        string here = RealPath(folder);
        return
        [
            .. Entries(folder, Directory.GetDirectories)
                .Where(path => !FileIdentity.IsWithin(RealPath(path), here))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The files in a folder and in those below it, in an order that is the same on every machine.</summary>
    /// <exception cref="LowbitException">A folder cannot be read.</exception>
    public static IReadOnlyList<string> FilesBelow(string folder)
    {
        string start = RealPath(folder);
        var files = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);

        // Links come last, so that what lies there itself keeps its own name.
        var places = new PriorityQueue<string, (bool IsLink, string Path)>();
        places.Enqueue(folder, (false, folder));
        while (places.TryDequeue(out string? place, out _))
        {
            string here = RealPath(place);
            if (!seen.Add(here)) continue;
            files.AddRange(Entries(place, Directory.GetFiles));
            foreach (string below in Entries(place, Directory.GetDirectories))
                if (RealPath(below) is var target && !FileIdentity.IsWithin(target, start) && !FileIdentity.IsWithin(target, here))
                    places.Enqueue(below, (IsLink(below), below));
        }
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    static IEnumerable<string> Entries(string folder, Func<string, string[]> list)
    {
        try
        {
            return list(folder).Where(path => !Path.GetFileName(path.AsSpan()).StartsWith('.'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LowbitException($"{Printable.Line(folder)} cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    static bool IsLink(string folder) => new DirectoryInfo(folder).LinkTarget is not null;

    static string RealPath(string path)
    {
        try
        {
            return FileIdentity.Followed(path);
        }
        catch (IOException error)
        {
            throw new LowbitException($"{Printable.Line(path)} cannot be read: {error.Message}", error);
        }
    }
}
