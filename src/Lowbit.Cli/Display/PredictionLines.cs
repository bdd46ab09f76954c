using System.Text.Encodings.Web;
using System.Text.Json;
using Lowbit.Inference;

namespace Lowbit.Cli.Display;

/// <summary>What a network makes of images, as lines of text and of JSON.</summary>
/// <param name="classifier">The network.</param>
/// <param name="files">The files, which decide how wide the first column is.</param>
/// <param name="top">Classes of each image.</param>
sealed class PredictionLines(Classifier classifier, IReadOnlyList<string> files, int top)
{
    const int WidestFile = 60;

    /// <summary>As it is in the file's name: what reads these lines is no browser.</summary>
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly int width = files.Count == 0 ? 0 : Math.Min(WidestFile, files.Max(file => Printable.Line(file).Length));

    /// <summary>A table of a single image, a line of one among others.</summary>
    public string Of(Prediction prediction)
    {
        var labels = prediction.Top(top);
        if (files.Count == 1) return TextTable.Format([["class", "probability"], .. labels.Select(label => (string[])[NameOf(label), Figures.Percent(prediction.Probabilities[label])])]);
        return $"{Printable.Line(prediction.File).PadRight(width)}  {string.Join("  ", labels.Select(label => $"{NameOf(label)} {Figures.Percent(prediction.Probabilities[label])}"))}\n";
    }

    /// <summary>One JSON object.</summary>
    public string JsonOf(Prediction prediction) => (prediction.Problem is { } problem
        ? JsonSerializer.Serialize(new { file = prediction.File, error = problem }, Readable)
        : JsonSerializer.Serialize(
            new { file = prediction.File, predictions = prediction.Top(top).Select(label => new { @class = classifier.NameOf(label), index = label, probability = prediction.Probabilities[label] }) },
            Readable)) + "\n";

    string NameOf(int label) => Printable.Line(classifier.NameOf(label));
}
