using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit eval RUN</c>: how good a trained network is, class by class.</summary>
static class EvalCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run folder (its best checkpoint, else the latest), or a checkpoint file." };
        var root = new Option<string?>("--root") { Description = "The folder of datasets, where it is another one than in the run." };
        var command = new Command("eval", "Evaluate a trained network on its test images.") { run, root };
        command.SetAction(parsed => Evaluate(parsed.GetValue(run)!, parsed.GetValue(root)));
        return command;
    }

    static int Evaluate(string run, string? root)
    {
        using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(run, preferBest: true));
        RunConfiguration configuration = checkpoint.Configuration;
        DatasetOptions images = ConfiguredModel.ImagesFor(configuration);
        DatasetSplits data = Datasets.Open(root is null ? images : images with { Root = root });
        using Network network = checkpoint.BuildNetwork();
        Evaluation evaluation = Evaluation.Of(
            network, data.EvaluationLoader(data.Test, configuration.Training.BatchSize).Epoch(0), Losses.Create(configuration.Loss));
        Console.WriteLine($"{configuration.Model.Name} after epoch {checkpoint.Position.Epoch} ({checkpoint.Path}), {data.Test.Count} test images of {data.Info.Name}");
        Console.WriteLine(Figures.Of(evaluation.Score));
        Console.WriteLine();
        Console.Write(ConfusionTable.Format(evaluation, data.Info.Classes));
        return ExitCode.Done;
    }
}
