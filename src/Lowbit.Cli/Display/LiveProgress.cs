using System.Globalization;
using System.Text.RegularExpressions;
using Lowbit.Data;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>A run on a terminal: notes and a table of its epochs, and below them how far the epoch and the run are.</summary>
/// <param name="terminal">Where it goes.</param>
/// <param name="width">The terminal's columns, now.</param>
/// <param name="hasColours">Whether it may have colours.</param>
sealed partial class LiveProgress(TextWriter terminal, Func<int> width, bool hasColours) : ITrainingObserver
{
    const int WidestBar = 30, ShortestBar = 5, MostEarlierEpochs = 10;
    const string Gap = "  ", Dim = "2", Bold = "1", Green = "32";

    readonly Footer footer = new(terminal, width, line => hasColours ? Done().Replace(line, match => Painted(match.Value, Green)) : line);
    EpochTable table = new(validates: false);
    RemainingTime remaining = new();
    IReadOnlyList<string> header = [];
    string? best, stage;
    int shownEpochs;

    public void Downloading(DownloadProgress progress) =>
        footer.Show([progress.Total is > 0 and var total ? $"{Bar((double)progress.Received / total, 0)}{RunLines.Of(progress)}" : RunLines.Of(progress)]);

    public void Started(RunStart start)
    {
        footer.Clear();
        (stage, header, best, remaining) = (start.Stage, [], null, new());
        table = new(start.ValidationImages > 0);
        foreach (string line in RunLines.Of(start)) Notice(line);
        EpochResult[] unseen = [.. start.Earlier.Where(epoch => epoch.Epoch > shownEpochs)];
        if (unseen.Length > MostEarlierEpochs) Notice($"{unseen.Length - MostEarlierEpochs} earlier epochs are in metrics.csv");
        foreach (EpochResult earlier in unseen.TakeLast(MostEarlierEpochs)) WriteRow(earlier, earlier.Epoch == start.Position.BestEpoch);
        if (start.Position.Best is { } accuracy) best = BestOf(accuracy, start.Position.BestEpoch);
    }

    public void Notice(string message) => footer.WriteAbove(Wrapped(message, width() - 1));

    public void Progressed(EpochProgress p)
    {
        remaining.Progressed(p);
        string epoch = $"epoch {p.Epoch}/{p.Epochs}  ";
        string progress = Fitting(epoch.Length,
        [
            $"{p.Batch}/{p.Batches} batches",
            p.Batch == p.Batches ? "evaluating" : $"{Figures.Time(p.TimeLeft)} left",
            $"{p.ImagesPerSecond.ToString("N0", CultureInfo.InvariantCulture)} images/s",
        ]);
        footer.Show(
        [
            epoch + Bar((double)p.Batch / p.Batches, epoch.Length + progress.Length) + progress,
            Fitting(0,
            [
                $"loss {Figures.Number(p.Score.Loss, "0.0000")}",
                $"top-1 {Figures.Percent(p.Score.Top1)}",
                $"{(stage is null ? "run" : "stage")}: about {Figures.Time(remaining.OfRun)} left",
                .. best is null ? (string[])[] : [best],
            ]),
        ]);
    }

    public void EpochFinished(EpochResult result, bool isBest)
    {
        remaining.EpochFinished(result);
        if (isBest && result.Deciding is { } score) best = BestOf(score.Top1, result.Epoch);
        WriteRow(result, isBest);
    }

    /// <summary>Takes away what was there only while the run went on.</summary>
    public void End() => footer.Clear();

    void WriteRow(EpochResult result, bool isBest)
    {
        shownEpochs = result.Epoch;
        IReadOnlyList<string> titles = table.Header(width());
        if (!titles.SequenceEqual(header))
        {
            footer.WriteAbove(titles.Select(line => Styled(line, Dim)).Prepend(""));
            header = titles;
        }
        string row = table.Row(result, isBest, width());
        footer.WriteAbove([isBest ? Styled(row, Bold) : row]);
    }

    static string BestOf(double accuracy, int epoch) => $"best {Figures.Percent(accuracy)} (epoch {epoch})";

    /// <summary>A bar in the columns that others leave, and a gap.</summary>
    string Bar(double fraction, int others)
    {
        int length = Math.Min(WidestBar, width() - 1 - others - Gap.Length), done = (int)Math.Round(Math.Clamp(fraction, 0, 1) * length);
        return length < ShortestBar ? "" : $"{new string('━', done)}{new string('─', length - done)}{Gap}";
    }

    /// <summary>As many parts as fit in a line beside others.</summary>
    string Fitting(int others, string[] parts)
    {
        int count = parts.Length;
        while (count > 0 && others + string.Join(Gap, parts[..count]).Length >= width()) count--;
        return string.Join(Gap, parts[..count]);
    }

    /// <summary>A sentence in lines that end between words. A word that is longer than a line stays whole, so that a path can be copied.</summary>
    static IEnumerable<string> Wrapped(string text, int columns)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > columns)
            {
                yield return line;
                line = word;
            }
            else line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }

    string Styled(string text, string style) => hasColours ? Painted(text, style) : text;

    static string Painted(string text, string style) => $"\e[{style}m{text}\e[0m";

    [GeneratedRegex("━+")]
    private static partial Regex Done();
}
