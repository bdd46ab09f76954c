using System.Diagnostics;
using Lowbit.Tests.Networks;
using Xunit;

namespace Lowbit.Tests.Quantization.Kernels;

/// <summary>The tests of kernels in a process that may only use narrower vectors, as on a processor that has no others.</summary>
public class NarrowVectorTests
{
    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("DOTNET_EnableAVX512"), InlineData("DOTNET_EnableAVX2")]
    public async Task Kernels_compute_the_same_where_vectors_are_narrower(string switchedOff)
    {
        string[] filters = [.. new[] { typeof(VectorFormTests), typeof(FastQuantizeTests), typeof(FastWeightsTests), typeof(FusedNetworkTests) }.SelectMany(type => new[] { "--filter-class", type.FullName! })];
        var start = new ProcessStartInfo("dotnet", [typeof(NarrowVectorTests).Assembly.Location, .. filters]) { RedirectStandardOutput = true };
        start.Environment[switchedOff] = "0";
        using Process tests = Process.Start(start)!;
        string output = await tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tests.ExitCode == 0, output);
        Assert.Contains("Passed!", output, StringComparison.Ordinal);
    }
}
