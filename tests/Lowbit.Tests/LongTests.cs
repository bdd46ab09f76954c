namespace Lowbit.Tests;

/// <summary>Tests that take minutes: they run where CI is true, as the gate sets it, or where LOWBIT_READERS_CHECK names the readers' check; elsewhere they skip.</summary>
public static class LongTests
{
    /// <summary>Why they skip.</summary>
    public const string Reason = "It takes minutes: set CI=true, or LOWBIT_READERS_CHECK, to run it";

    /// <summary>Whether they run.</summary>
    public static bool AreWanted =>
        Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("LOWBIT_READERS_CHECK") is { Length: > 0 };
}
