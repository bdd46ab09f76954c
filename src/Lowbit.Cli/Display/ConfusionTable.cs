using System.Globalization;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>The confusion matrix with the accuracy of each class; of many classes only the accuracies.</summary>
static class ConfusionTable
{
    const int WidestMatrix = 20;

    public static string Format(Evaluation evaluation, IReadOnlyList<string> names)
    {
        int[] labels = [.. Enumerable.Range(0, Math.Min(evaluation.Classes, names.Count))];
        int[] shown = labels.Length <= WidestMatrix ? labels : [];
        string[] header = ["class", .. shown.Select(predicted => $"as {names[predicted]}"), "accuracy"];
        return TextTable.Format(
        [
            header,
            .. labels.Select(label => (string[])
            [
                names[label],
                .. shown.Select(predicted => evaluation.Confusion[label, predicted].ToString(CultureInfo.InvariantCulture)),
                double.IsNaN(evaluation.AccuracyOf(label)) ? "no images" : Figures.Percent(evaluation.AccuracyOf(label)),
            ]),
        ]);
    }
}
