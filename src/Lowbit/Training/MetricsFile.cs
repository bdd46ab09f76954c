using System.Globalization;

namespace Lowbit.Training;

/// <summary>The results of all epochs as CSV, one row an epoch; scores that were not taken are empty.</summary>
static class MetricsFile
{
    static readonly string[] Header =
    [
        "epoch", "learning_rate", "train_loss", "train_top1", "train_top5", "val_loss", "val_top1", "val_top5", "test_loss", "test_top1", "test_top5",
        "training_seconds", "seconds", "images_per_second", "memory_mib",
    ];

    public static void Write(string path, IEnumerable<EpochResult> results) =>
        AtomicFile.WriteText(path, string.Concat(results.Select(Row).Prepend(Header).Select(row => string.Join(',', row) + "\n")));

    /// <summary>The results of a file's first epochs; none where there is no file.</summary>
    /// <exception cref="LowbitException">The file is not one that this class wrote.</exception>
    public static List<EpochResult> Read(string path, int epochs)
    {
        if (!File.Exists(path)) return [];
        try
        {
            return [.. InOrder(File.ReadLines(path).Skip(1).Select(line => Parse(line.Split(',')))).TakeWhile(result => result.Epoch <= epochs)];
        }
        catch (Exception problem) when (problem is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new LowbitException($"{path} is not a metrics file of a run; move it away to go on without the epochs that it lists", problem);
        }
    }

    static IEnumerable<EpochResult> InOrder(IEnumerable<EpochResult> results)
    {
        int last = 0;
        foreach (EpochResult result in results)
        {
            if (result.Epoch <= last) throw new FormatException($"Epoch {result.Epoch} stands after epoch {last}");
            last = result.Epoch;
            yield return result;
        }
    }

    static string[] Row(EpochResult r) =>
    [
        Text(r.Epoch), Text(r.LearningRate), .. Columns(r.Train), .. Columns(r.Validation), .. Columns(r.Test),
        Text(r.TrainingSeconds, "0.000"), Text(r.Seconds, "0.000"), Text(r.ImagesPerSecond, "0.0"), Text(r.MemoryMegabytes, "0"),
    ];

    static EpochResult Parse(string[] cells) => new(
        int.Parse(cells[0], CultureInfo.InvariantCulture), Number(cells[1]), ScoreFrom(cells, 2)!, ScoreFrom(cells, 5), ScoreFrom(cells, 8),
        Number(cells[11]), Number(cells[12]), Number(cells[13]), Number(cells[14]));

    static Score? ScoreFrom(string[] cells, int at) =>
        cells[at].Length == 0 ? null : new(Number(cells[at]), Number(cells[at + 1]), cells[at + 2].Length == 0 ? null : Number(cells[at + 2]));

    static string[] Columns(Score? score) => score is null ? ["", "", ""] : [Text(score.Loss), Text(score.Top1), score.Top5 is { } top5 ? Text(top5) : ""];

    static string Text(double value, string format = "R") => value.ToString(format, CultureInfo.InvariantCulture);

    static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
