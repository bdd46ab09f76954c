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
        string allowed = asked.MaxMinutes is null ? "" : " that training.max_minutes allows";
        yield return result.StoppedEarly ? $"Training ended early, after epoch {position.Epoch}"
            : position.Epoch == 1 ? $"The only epoch{allowed} is trained" : $"All {position.Epoch} epochs{allowed} are trained";
        if (result.Epochs is [.., var last]) yield return $"Last epoch: {Accuracies(last)}";
        if (position.Best is { } best) yield return $"Best accuracy {Figures.Percent(best)} in epoch {position.BestEpoch}, chosen by the {Deciding(result.Epochs)} images";
        if (result.Folder is not null) yield return $"The run is in {place}";
    }

    static string Accuracies(EpochResult epoch) => string.Join(", ", new[] { (epoch.Test, "test"), (epoch.Validation, "validation") }
        .Where(part => part.Item1 is not null).Select(part => $"{Figures.Percent(part.Item1!.Top1)} on the {part.Item2} images"));

    static string Deciding(IReadOnlyList<EpochResult> epochs) => epochs.Any(epoch => epoch.Validation is not null) ? "validation" : "test";
}
