using System.Reflection;

namespace Lowbit.Cli.Display;

/// <summary>Lowbit's version and the commit that it was built from.</summary>
static class LowbitVersion
{
    const int ShortCommit = 10;

    /// <summary>As in 0.1.0 (commit a58ccb30c4); without a commit where the sources were in no repository.</summary>
    public static string Text => typeof(LowbitVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') switch
    {
        [var version, { Length: > ShortCommit } commit] => $"{version} (commit {commit[..ShortCommit]})",
        [var version, ..] => version,
        _ => "unknown",
    };
}
