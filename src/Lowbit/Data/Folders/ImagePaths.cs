
namespace Lowbit.Data;

/// <summary>The image files that a user means by the paths of files and folders.</summary>
/// <param name="Files">The files: those given by name as they are, those of a folder and of the folders in it by their path.</param>
/// <param name="Problems">A sentence for each folder in which there is no image.</param>
public sealed record ImagePaths(IReadOnlyList<string> Files, IReadOnlyList<string> Problems)
{
    /// <summary>Looks for the files. What is no folder is taken for a file, and is found wrong when it is read.</summary>
    /// <exception cref="LowbitException">A folder cannot be read.</exception>
    public static ImagePaths Of(IEnumerable<string> paths)
    {
        var files = new List<string>();
        var problems = new List<string>();
        foreach (string path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(path);
                continue;
            }
            string[] images = [.. ImageTree.FilesBelow(path).Where(file => ImageFormat.Of(file) is not null)];
            if (images.Length == 0) problems.Add($"{Printable.Line(path)} has no image in it; files that end in {ImageFormat.Readable} are read");
            files.AddRange(images);
        }
        return new(files, problems);
    }
}
