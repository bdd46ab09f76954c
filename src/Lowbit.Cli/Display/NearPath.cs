namespace Lowbit.Cli.Display;

/// <summary>Paths as a user would write them.</summary>
static class NearPath
{
    /// <summary>The path from the current folder on, where that is shorter.</summary>
    public static string Of(string path) => Path.GetRelativePath(".", path) is var near && near.Length < path.Length ? near : path;
}
