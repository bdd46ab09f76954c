using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>The folder with a dataset's files as its authors publish them.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Name">The folder's name.</param>
/// <param name="Files">The files that must be in it.</param>
/// <param name="Published">What to fetch: the files themselves, or a .tar.gz with the folder.</param>
sealed record PublishedFolder(string Dataset, string Name, IReadOnlyList<string> Files, IReadOnlyList<PublishedFile> Published)
{
    /// <summary>
    /// Where the folder is: within the root, within a folder of the dataset's name there, or the root itself; fetched where it is not.
    /// </summary>
    /// <exception cref="LowbitException">It is not there, and may not or cannot be fetched.</exception>
    public string Find(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Path.GetFullPath(Path.Combine(options.Root, Name));
        foreach (string place in new[] { folder, Path.Combine(options.Root, Dataset, Name), options.Root })
            if (Files.All(file => File.Exists(Path.Combine(place, file))))
                return place;

        string urls = string.Join(", ", Published.Select(file => file.Urls[0]));
        if (!options.Download)
            throw new LowbitException($"{Dataset} is not in {folder}; set dataset.download to true, or put there what {urls} gives");
        try
        {
            foreach (var file in Published)
                if (file.Name.EndsWith(".tar.gz", StringComparison.Ordinal))
                    Unpack(Download.Fetch(file, Path.GetDirectoryName(folder)!, progress, cancel), folder, cancel);
                else if (!File.Exists(Path.Combine(folder, file.Name)))
                    Download.Fetch(file, folder, progress, cancel);
            return Files.FirstOrDefault(file => !File.Exists(Path.Combine(folder, file))) is { } absent
                ? throw new LowbitException($"what was fetched lacks {absent}")
                : folder;
        }
        catch (Exception error) when (error is LowbitException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new LowbitException($"{Dataset} is not in {folder} and {error.Message.TrimEnd('.')}; put there what {urls} gives", error);
        }
    }

    /// <summary>Unpacks aside first, so that every file is either whole or not there, and removes the archive.</summary>
    static void Unpack(string archive, string folder, CancellationToken cancel)
    {
        string aside = $"{folder}.{Environment.ProcessId}.partial";
        Directory.CreateDirectory(aside);
        try
        {
            Archive.Unpack(archive, aside, cancel);
            string unpacked = Path.Combine(aside, Path.GetFileName(folder));
            if (!Directory.Exists(unpacked)) throw new InvalidDataException($"{archive} has no folder {Path.GetFileName(folder)}");
            if (!Directory.Exists(folder)) Directory.Move(unpacked, folder);
            else
                foreach (string file in Directory.GetFiles(unpacked))
                    File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            File.Delete(archive);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }
}
