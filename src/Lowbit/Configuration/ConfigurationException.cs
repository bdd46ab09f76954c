namespace Lowbit.Configuration;

/// <summary>What is wrong with a configuration: all of it, one sentence a line, in the order of the file.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : LowbitException(string.Join('\n', errors))
{
    /// <summary>One sentence for each thing that is wrong: where, what, and what is allowed.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
