using Lowbit.Data;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Cli.Reports;

/// <summary>How the network does on the test images.</summary>
sealed record EvaluationSection
{
    /// <summary>Classes of a confusion matrix that can still be read.</summary>
    const int WidestMatrix = 100;

    const int MostClasses = 50, MostConfusions = 8;

    public required long Images { get; init; }

    public required Score Score { get; init; }

    /// <summary>The rows and columns of the confusion matrix; none where there are too many.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The fields of the matrix that are not 0: [true class, predicted class, images].</summary>
    public required IReadOnlyList<long[]> Confusion { get; init; }

    /// <summary>The classes, the worst ones where there are many.</summary>
    public required IReadOnlyList<ClassAccuracy> ByClass { get; init; }

    /// <summary>How many classes there are.</summary>
    public required int ClassCount { get; init; }

    /// <summary>The classes that are most often taken for another.</summary>
    public required IReadOnlyList<ConfusedPair> Frequent { get; init; }

    public required IReadOnlyList<Mistake> Mistakes { get; init; }

    /// <summary>Evaluates the network on all test images.</summary>
    public static EvaluationSection Of(ReportSource source, DatasetSplits data, IProgress<ReportStage> progress, CancellationToken cancel)
    {
        DataLoader test = data.EvaluationLoader(data.Test, source.Checkpoint.Options.Training.BatchSize);
        string[] names = [.. data.Info.Classes.Select(name => Printable.Short(name, 40))];
        var mistakes = new ConfidentMistakes(names);
        int done = 0;
        Evaluation evaluation = Evaluation.Of(source.Network, test.Epoch(0, cancel: cancel), Losses.Create(source.Checkpoint.Options.Loss), Watch, cancel);
        if (test.Skipped > 0) source.Miss($"{test.Skipped:N0} of {test.Count:N0} test images are skipped", test.SkippedImages[0]);
        return Of(evaluation, names, mistakes);

        void Watch(Batch batch, Tensor logits)
        {
            mistakes.Add(batch, logits);
            progress.Report(new("evaluating test images", done += (int)batch.Labels.shape[0], test.Count));
        }
    }

    static EvaluationSection Of(Evaluation evaluation, string[] names, ConfidentMistakes mistakes)
    {
        int[] labels = [.. Enumerable.Range(0, Math.Min(evaluation.Classes, names.Length))];
        var fields = labels.SelectMany(shown => labels.Select(said => (Shown: shown, Said: said, Images: evaluation.Confusion[shown, said]))).Where(field => field.Images > 0).ToArray();
        ClassAccuracy[] classes =
        [
            .. labels.Select(label => new ClassAccuracy(names[label], EpochPoint.Finite(evaluation.AccuracyOf(label)), fields.Where(field => field.Shown == label).Sum(field => field.Images))),
        ];
        bool isReadable = labels.Length <= WidestMatrix;
        return new()
        {
            Images = fields.Sum(field => field.Images),
            Score = evaluation.Score,
            ClassCount = labels.Length,
            Classes = isReadable ? names : [],
            Confusion = isReadable ? [.. fields.Select(field => new[] { field.Shown, field.Said, field.Images })] : [],
            ByClass = classes.Length <= MostClasses ? classes : [.. classes.Where(entry => entry.Accuracy is not null).OrderBy(entry => entry.Accuracy).Take(MostClasses)],
            Frequent =
            [
                .. fields.Where(field => field.Shown != field.Said).OrderByDescending(field => field.Images).Take(MostConfusions)
                    .Select(field => new ConfusedPair(names[field.Shown], names[field.Said], field.Images)),
            ],
            Mistakes = mistakes.Worst,
        };
    }
}

/// <summary>How many of a class's images are recognized; null where it has none.</summary>
sealed record ClassAccuracy(string Name, double? Accuracy, long Images);

/// <summary>How many images of one class are taken for another.</summary>
sealed record ConfusedPair(string Shown, string Said, long Images);

/// <summary>How far the making of a report has come.</summary>
readonly record struct ReportStage(string What, int Done, int Of);
