using YamlDotNet.Core;

namespace Lowbit.Configuration;

/// <summary>A text is not YAML, or more of it than a configuration may be.</summary>
/// <param name="at">Where.</param>
/// <param name="sentence">What is wrong there.</param>
/// <param name="isSyntax">Whether it is not YAML at all.</param>
sealed class YamlTextException(Mark at, string sentence, bool isSyntax = false) : Exception(sentence)
{
    public Mark At { get; } = at;

    public bool IsSyntax { get; } = isSyntax;
}
