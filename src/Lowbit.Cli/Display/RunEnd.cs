using Lowbit.Configuration;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>How a run has ended, in sentences: why, and how good it is.</summary>
static class RunEnd
{
    /// <summary>The sentences, one a line.</summary>
    /// <param name="result">The run.</param>
    /// <param name="asked">The configuration that it was begun with.</param>
    public static IEnumerable<string> Of(RunResult result, TrainingOptions asked)
    {
        string place = result.Folder is { } folder ? folder.Path : "";
        if (result.Interrupted)
        {
            yield return result.Folder is null ? "Interrupted." : $"Interrupted; continue with: lowbit train --resume {NextSteps.Argument(place)}";
            yield break;
        }
        RunPosition position = result.Position;
        string why = result.StoppedEarly ? $"Training ended early, after epoch {position.Epoch}"
            : (position.Epoch == 1 ? "The only epoch" : $"All {position.Epoch} epochs") + (asked.MaxMinutes is null ? "" : " that training.max_minutes allows")
                + (position.Epoch == 1 ? " is trained" : " are trained");
        string last = result.Epochs is [.., var end] ? $"; after the last one {Accuracies(end)}" : "";
        yield return why + last;
        string run = result.Folder is null ? "" : $"; the run is in {place}";
        if (position.Best is { } best) yield return $"Best accuracy {Figures.Percent(best)} in epoch {position.BestEpoch}, chosen by the {Deciding(result.Epochs)} images{run}";
        else if (run.Length > 0) yield return run[2..];
    }

    static string Accuracies(EpochResult epoch) => string.Join(" and ", new[] { (epoch.Test, "test"), (epoch.Validation, "validation") }
        .Where(part => part.Item1 is not null).Select(part => $"{Figures.Percent(part.Item1!.Top1)} of the {part.Item2} images are told right"));

    static string Deciding(IReadOnlyList<EpochResult> epochs) => epochs.Any(epoch => epoch.Validation is not null) ? "validation" : "test";
}
