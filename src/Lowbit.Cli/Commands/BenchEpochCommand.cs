using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Training.Benchmarks;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit bench epoch CONFIG</c>: whether an epoch takes longer than its steps.</summary>
static class BenchEpochCommand
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(15);

    public static Command Create()
    {
        var file = new Argument<string>("config") { Description = "The YAML file of a run." };
        var set = SetOption.Create();
        var steps = new Option<int>("--steps") { Description = "Steps to measure before the epoch, and again after it.", DefaultValueFactory = _ => 12 };
        var command = new ExampledCommand("epoch", "Time an epoch of a run, its evaluation included, beside its steps alone.", """
            lowbit bench epoch configs/quickstart.yaml
            lowbit bench epoch run.yaml --set training.batch_size=64 --steps 30
            """) { file, set, steps };
        command.SetAction(parsed =>
        {
            int count = parsed.GetValue(steps);
            if (count is < 1 or > 10_000) throw new ConfigurationException([$"--steps is {count}; it must be 1 to 10000"]);
            return Run(ConfigurationReader.Read(parsed.GetValue(file)!, parsed.GetValue(set) ?? []).Configuration, count);
        });
        return command;
    }

    static int Run(RunConfiguration configuration, int steps)
    {
        TimeSpan next = TimeSpan.Zero;
        EpochTimes times = EpochBenchmark.Run(configuration, steps, (batch, elapsed) =>
        {
            if (elapsed < next) return;
            Console.Error.WriteLine($"batch {batch} after {Figures.Number(elapsed.TotalSeconds, "0")} s");
            next = elapsed + BetweenLines;
        });
        Console.WriteLine($"{configuration.Model.Name}, {times.Batches} training batches of {configuration.Training.BatchSize} and {times.EvaluationBatches} of test images:");
        Console.WriteLine($"  the epoch took {Figures.Number(times.Seconds, "0.0")} s");
        Console.WriteLine($"  its steps alone take {Figures.Number(times.SumOfSteps, "0.0")} s (medians of {2 * steps}: {Figures.Number(times.StepSeconds, "0.0000")} s a training step, "
            + $"{Figures.Number(times.EvaluationSeconds, "0.0000")} s a batch that is evaluated): {Figures.Number(times.Seconds / times.SumOfSteps, "0.000")} times as long");
        return ExitCode.Done;
    }
}
