using Lowbit.Configuration;
using Lowbit.Training;

namespace Lowbit;

/// <summary>Refuses names of files to write under which something would be lost that a user has.</summary>
public static class OutputFile
{
    /// <summary>Checks a name before the work begins whose result it is for.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="what">What will be written, for a message.</param>
    /// <param name="others">Files that are read, or written too, each with what it is.</param>
    /// <exception cref="ConfigurationException">The name is empty, or of a folder, a device, one of the others, or a file of a run.</exception>
    public static void Require(string path, string what, params IEnumerable<(string Path, string What)> others)
    {
        if (Problem(path, others) is { } problem) throw new ConfigurationException([$"{what} cannot be written to {(path.Length == 0 ? "a file without a name" : path)}: {problem}"]);
    }

    static string? Problem(string path, IEnumerable<(string Path, string What)> others)
    {
        if (string.IsNullOrWhiteSpace(path)) return "give the name of a file";
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path)) return "it is a folder; give the name of a file in it";
        try
        {
            if (FileIdentity.Special(path) is { } special) return $"it is {special}, and a file would take its place; give the name of a file";
            if (others.FirstOrDefault(other => FileIdentity.AreSame(path, other.Path)).What is { } other) return $"it is {other}; give another file";
            if (RunFolder.Holding(FileIdentity.Followed(path)) is { } run) return $"it is a file of the run {run.Path}; give another file";
            return FileAbove(path) is { } file ? $"{file} is a file, not a folder" : null;
        }
        catch (IOException problem)
        {
            return problem.Message.TrimEnd('.');
        }
    }

    static string? FileAbove(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        while (folder is not null && !Path.Exists(folder)) folder = Path.GetDirectoryName(folder);
        return File.Exists(folder) ? folder : null;
    }
}
