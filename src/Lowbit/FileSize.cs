namespace Lowbit;

/// <summary>How many bytes a file has.</summary>
public static class FileSize
{
    /// <summary>The bytes of the file that a path leads to: <see cref="FileInfo"/> would say how long a link itself is. Pipes and devices have 0.</summary>
    /// <exception cref="IOException">It is not there, or its links go round in a circle.</exception>
    public static long Of(string path) => ((FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).Length;
}
