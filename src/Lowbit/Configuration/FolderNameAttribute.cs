using System.Text;

namespace Lowbit.Configuration;

/// <summary>Says that a key is the name of one folder, which cannot lead out of the folder that it is created in.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FolderNameAttribute : Attribute
{
    const int MostBytes = 200;

    /// <summary>What such a name must be.</summary>
    public static string Allowed { get; } = $"the name of one folder: no / or \\ in it, not . or .., at most {MostBytes} bytes";

    /// <summary>Whether it is such a name.</summary>
    public static bool IsValid(string name) =>
        name is not ("" or "." or "..") && !name.Contains('\\', StringComparison.Ordinal) && !name.Any(char.IsControl)
        && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0 && Encoding.UTF8.GetByteCount(name) <= MostBytes;
}
