namespace Lowbit.Configuration;

/// <summary>A configuration as it was read.</summary>
/// <param name="Configuration">Every key with its value, those that the file leaves out with their defaults.</param>
/// <param name="Warnings">What in the file has no effect, one sentence each.</param>
public sealed record ParsedConfiguration(RunConfiguration Configuration, IReadOnlyList<string> Warnings);
