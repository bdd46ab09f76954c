namespace Lowbit.Tests;

/// <summary>Tests that take minutes: they run where LOWBIT_LONG_TESTS is 1, those that fit a gate of 20 minutes also where CI is true; elsewhere they skip.</summary>
public static class LongTests
{
    /// <summary>Why they skip.</summary>
    public const string Reason = "It takes minutes: set LOWBIT_LONG_TESTS=1 to run it";

    /// <summary>Why those skip that fit the gate.</summary>
    public const string GateReason = "It takes long: set CI=true or LOWBIT_LONG_TESTS=1 to run it";

    /// <summary>Whether they run.</summary>
    public static bool AreWanted => Environment.GetEnvironmentVariable("LOWBIT_LONG_TESTS") == "1";

    /// <summary>Whether those run that fit the gate.</summary>
    public static bool AreWantedInTheGate => AreWanted || Environment.GetEnvironmentVariable("CI") == "true";
}
