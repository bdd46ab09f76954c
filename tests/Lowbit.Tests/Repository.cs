namespace Lowbit.Tests;

/// <summary>Files of the working tree, for tests that compare with them.</summary>
static class Repository
{
    /// <summary>The folder that holds Lowbit.slnx.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The full path of a file or folder named from the root.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    static string Find(string folder) => File.Exists(Path.Combine(folder, "Lowbit.slnx")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
