using System.CommandLine;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit bench</c>: how fast Lowbit is here.</summary>
static class BenchCommand
{
    public static Command Create() => new("bench", "Measure Lowbit on this machine.") { BenchTrainCommand.Create(), BenchEpochCommand.Create(), BenchInferCommand.Create() };
}
