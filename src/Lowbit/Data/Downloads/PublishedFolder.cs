using System.Formats.Tar;
using System.IO.Compression;
using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>The folder with a dataset's files as its authors publish them.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Name">The folder's name.</param>
/// <param name="Files">The files that must be in it.</param>
/// <param name="Published">What to fetch: the files themselves, or a .tar.gz with the folder.</param>
/// <param name="SharesFileNames">Whether another dataset has files of the same names, so that only the folder's name tells whose they are.</param>
sealed record PublishedFolder(
    string Dataset, string Name, IReadOnlyList<string> Files, IReadOnlyList<PublishedFile> Published, bool SharesFileNames = false)
{
    /// <summary>
    /// Where the folder is: within the root, within a folder of the dataset's name there, or the root itself; fetched where it is not. A root with
    /// files of names that another dataset has, too, must be called as this one.
    /// </summary>
    /// <exception cref="LowbitException">It is not there, and may not or cannot be fetched.</exception>
    public string Find(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Path.GetFullPath(Path.Combine(options.Root, Name));
        if (new[] { folder, Path.Combine(options.Root, Dataset, Name) }.FirstOrDefault(AreIn) is { } found) return found;
        bool isUnclear = AreIn(options.Root) && SharesFileNames && !IsNamedAsThis(options.Root);
        if (AreIn(options.Root) && !isUnclear) return options.Root;

        string urls = string.Join(", ", Published.Select(file => file.Urls[0]));
        if (!options.Download)
            throw new LowbitException(isUnclear
                ? $"{Dataset} is not in {folder}, and the files in {Path.GetFullPath(options.Root)} may be another dataset's, whose names are the same; move them to {folder} if they are {Dataset}'s"
                : $"{Dataset} is not in {folder}; set dataset.download to true, or put there what {urls} gives");
        try
        {
            foreach (var file in Published)
                if (file.Name.EndsWith(".tar.gz", StringComparison.Ordinal))
                    Unpack(Download.Fetch(file, Path.GetDirectoryName(folder)!, progress, cancel), folder);
                else if (!File.Exists(Path.Combine(folder, file.Name)))
                    Download.Fetch(file, folder, progress, cancel);
            return folder;
        }
        catch (Exception error) when (error is LowbitException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new LowbitException($"{Dataset} is not in {folder} and {error.Message.TrimEnd('.')}; put there what {urls} gives", error);
        }
    }

    bool AreIn(string folder) => Files.All(file => File.Exists(Path.Combine(folder, file)));

    /// <summary>Whether a folder is called as the dataset, as in fashion_mnist or FashionMNIST.</summary>
    bool IsNamedAsThis(string folder) => Letters(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))) == Letters(Dataset);

    static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    /// <summary>Unpacks aside first, so that every file is either whole or not there, and removes the archive.</summary>
    static void Unpack(string archive, string folder)
    {
        string aside = $"{folder}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(aside);
            using (var tar = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress))
                TarFile.ExtractToDirectory(tar, aside, overwriteFiles: false);
            string unpacked = Path.Combine(aside, Path.GetFileName(folder));
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
