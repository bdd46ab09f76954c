using System.Text.RegularExpressions;

namespace Lowbit.Configuration;

/// <summary>Says that a key is the path of a file or folder, in which <c>~</c> and <c>${VARIABLE}</c> are expanded.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PathAttribute : Attribute;

/// <summary>Paths as a shell expands them: <c>~</c> at the beginning, <c>$VARIABLE</c> and <c>${VARIABLE}</c> anywhere, and <c>$$</c> for a dollar sign.</summary>
public static partial class ExpandedPath
{
    /// <summary>The path with everything expanded, or in a clause what is wrong with it.</summary>
    public static (string Path, string? Problem) Of(string text)
    {
        string? problem = null;
        string path = Dollars().Replace(text, match =>
        {
            if (match.Value == "$$") return "$";
            if (!match.Groups["name"].Success) problem ??= "${ must be followed by the name of an environment variable and }; $$ stands for a dollar sign";
            else if (Environment.GetEnvironmentVariable(match.Groups["name"].Value) is { } value) return value;
            else problem ??= $"there is no environment variable {Printable.Short(match.Groups["name"].Value)}; $$ stands for a dollar sign";
            return "";
        });
        if (problem is null && path.Length == 0) problem = "it leaves no path, and . is the current folder";
        if (problem is null && path.Any(char.IsControl)) problem = "a path has no control characters";
        return problem is null ? WithHome(path) : (path, problem);
    }

    /// <summary>The text from which <see cref="Of"/> makes a path that is expanded already.</summary>
    public static string Escape(string path) => path.Replace("$", "$$", StringComparison.Ordinal);

    static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    static (string Path, string? Problem) WithHome(string path)
    {
        if (!path.StartsWith('~')) return (path, null);
        if (path.Length > 1 && path[1] != '/' && path[1] != Path.DirectorySeparatorChar)
            return (path, $"~ stands for the home folder only before a slash; ./{Printable.Short(path)} is a file or folder of that name");
        return Home.Length > 0 ? (Home + path[1..], null) : (path, "the home folder is not known here; write it out instead of ~");
    }

    [GeneratedRegex(@"\$\$|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}|\$(?<name>[A-Za-z_][A-Za-z0-9_]*)|\$\{", RegexOptions.ExplicitCapture)]
    private static partial Regex Dollars();
}
