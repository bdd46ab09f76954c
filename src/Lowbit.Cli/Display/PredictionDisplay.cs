using System.Diagnostics;
using Lowbit.Data;
using Lowbit.Inference;
using Spectre.Console;

namespace Lowbit.Cli.Display;

/// <summary>Shows predictions as they come: results on standard output, what was skipped on standard error, and how far it is as a bar on a terminal, now and then as a line elsewhere.</summary>
/// <param name="classifier">The network.</param>
/// <param name="paths">The images.</param>
/// <param name="top">Classes of each image.</param>
/// <param name="json">Whether standard output gets JSON objects and nothing else.</param>
sealed class PredictionDisplay(Classifier classifier, ImagePaths paths, int top, bool json)
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(20);

    readonly PredictionLines lines = new(classifier, paths.Files, top);
    readonly Stopwatch clock = Stopwatch.StartNew(), sinceLine = Stopwatch.StartNew();
    Action<string> write = Console.Write, writeError = Console.Error.Write;   // a bar has to know of what is written above it
    int done, skipped;

    /// <summary>Images a second so far.</summary>
    double Rate => done / clock.Elapsed.TotalSeconds;

    /// <summary>Shows predictions; gives how many files and folders were skipped.</summary>
    public int Show(IEnumerable<Prediction> predictions)
    {
        Say(classifier.Source);
        Say($"images: {classifier.Resizing}; {classifier.Pixels}");
        foreach (string notice in classifier.Notices) Console.Error.WriteLine(notice);
        Say("");
        foreach (string problem in paths.Problems) Skip(problem);
        if (paths.Files.Count > 1 && !json && ConsoleOutput.IsTerminal) ShowWithBar(predictions);
        else
            foreach (Prediction prediction in predictions)
            {
                Show(prediction);
                if (sinceLine.Elapsed < BetweenLines) continue;
                sinceLine.Restart();
                Console.Error.WriteLine(Progress());
            }
        if (paths.Files.Count > 1) Say($"\n{done:N0} {(done == 1 ? "image" : "images")} in {Figures.Number(clock.Elapsed.TotalSeconds, "0.0")} s, {Figures.Number(Rate, "0")} images/s{(skipped > 0 ? $"; {skipped:N0} skipped" : "")}");
        return skipped;
    }

    void ShowWithBar(IEnumerable<Prediction> predictions) => AnsiConsole.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
        .Start(context =>
        {
            write = AnsiConsole.Write;
            if (!Console.IsErrorRedirected) writeError = AnsiConsole.Write;
            ProgressTask bar = context.AddTask("images", maxValue: paths.Files.Count);
            foreach (Prediction prediction in predictions)
            {
                Show(prediction);
                bar.Description = Progress();
                bar.Increment(1);
            }
            (write, writeError) = (Console.Write, Console.Error.Write);
        });

    void Show(Prediction prediction)
    {
        if (prediction.Problem is { } problem) Skip(problem);
        else done++;
        if (json) write(lines.JsonOf(prediction));
        else if (prediction.Problem is null) write(lines.Of(prediction));
    }

    void Skip(string problem)
    {
        skipped++;
        writeError($"skipped: {problem}\n");
    }

    string Progress() => $"{done + skipped:N0} of {paths.Files.Count:N0} images, {Figures.Number(Rate, "0")} images/s";

    void Say(string line)
    {
        if (json && line.Length > 0) Console.Error.WriteLine(line.TrimStart('\n'));
        else if (!json) Console.WriteLine(line);
    }
}
