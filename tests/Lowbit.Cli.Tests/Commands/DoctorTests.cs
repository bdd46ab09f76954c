using System.Text.Json;
using Lowbit.Cli.Commands;
using Lowbit.Cli.Doctor;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class DoctorTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_finds_what_trains_and_runs_networks_here()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "doctor", "--json");

        Assert.Equal((0, ""), (exitCode, errors));
        var findings = JsonDocument.Parse(output).RootElement.EnumerateArray().ToDictionary(finding => finding.GetProperty("name").GetString()!);
        Assert.Equal(["lowbit", "libtorch", "GPU", "ONNX Runtime", "image decoder", "processor", "vectors", "8-bit products", "memory", "disk", "C compiler"], findings.Keys);
        Assert.All(new[] { "libtorch", "ONNX Runtime", "image decoder" }, name => Assert.Equal("fine", findings[name].GetProperty("severity").GetString()));
        Assert.Matches(@"^\d+\.\d+", findings["ONNX Runtime"].GetProperty("found").GetString());
        Assert.Contains(folder.Path, findings["disk"].GetProperty("found").GetString());
    }

    [Fact]
    public void What_keeps_Lowbit_from_working_stands_out() => Assert.Equal(
        """
        ok     memory    8 GiB
        FAILED libtorch  cannot be loaded
                         nothing trains

        1 of these keeps Lowbit from working

        """, DoctorCommand.Format([new("memory", "8 GiB", ""), new("libtorch", "cannot be loaded", "nothing trains", Severity.Problem)]));
}
