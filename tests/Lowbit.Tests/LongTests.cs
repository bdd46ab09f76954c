namespace Lowbit.Tests;

/// <summary>Tests that take minutes: they run where LOWBIT_LONG_TESTS is 1; elsewhere they skip.</summary>
public static class LongTests
{
    /// <summary>Why they skip.</summary>
    public const string Reason = "It takes minutes: set LOWBIT_LONG_TESTS=1 to run it";

    /// <summary>Whether they run.</summary>
    public static bool AreWanted => Environment.GetEnvironmentVariable("LOWBIT_LONG_TESTS") == "1";
}
