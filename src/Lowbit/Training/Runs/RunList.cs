namespace Lowbit.Training.Runs;

/// <summary>The runs in a folder.</summary>
/// <param name="Runs">Those that can be read, by their paths.</param>
/// <param name="Problems">A sentence for each folder that looks like a run's and cannot be read.</param>
public sealed record RunList(IReadOnlyList<RunSummary> Runs, IReadOnlyList<string> Problems)
{
    /// <summary>Folders below the one that is given: dir/dataset/run has 2.</summary>
    const int Deepest = 5;

    static readonly EnumerationOptions Folders = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Looks for runs in a folder and in those below it, five deep, links not followed. Stages are no runs of their own.</summary>
    /// <exception cref="LowbitException">There is no such folder.</exception>
    public static RunList In(string folder)
    {
        if (!Directory.Exists(folder)) throw new LowbitException($"{folder} is not there, or no folder; give the folder in which runs are, checkpoint.dir in their configurations");
        var runs = new List<RunSummary>();
        var problems = new List<string>();
        foreach (string run in Below(folder, Deepest))
        {
            try
            {
                runs.Add(RunSummary.Read(run));
            }
            catch (Exception problem) when (problem is LowbitException or IOException or UnauthorizedAccessException)
            {
                problems.Add($"{Printable.Line(run)}: {problem.Message.Split('\n')[0]}");
            }
        }
        return new(runs, problems);
    }

    static IEnumerable<string> Below(string folder, int depth)
    {
        if (IsRun(folder)) return [folder];
        return depth == 0 ? [] : Directory.EnumerateDirectories(folder, "*", Folders).Order(StringComparer.Ordinal).SelectMany(below => Below(below, depth - 1));
    }

    static bool IsRun(string path)
    {
        var folder = new RunFolder(path);
        return (File.Exists(folder.Configuration) || File.Exists(folder.Lock)) && (File.Exists(folder.Lock) || Directory.Exists(Path.GetDirectoryName(folder.Latest)) || Directory.Exists(folder.Stages));
    }
}
