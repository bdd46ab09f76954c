using Lowbit.Training;
using ScottPlot;

namespace Lowbit.Curves;

/// <summary>Draws loss and accuracy over the epochs into <c>curve.png</c> in the run's folder, anew after each epoch; nothing for runs without a folder.</summary>
public sealed class LearningCurve : ITrainingObserver
{
    const int Width = 900, Height = 500;

    readonly List<EpochResult> results = [];
    RunStart? run;

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        run = start;
        results.Clear();
        results.AddRange(start.Earlier);
        Draw();   // a kill may have come between the last epoch's checkpoint and its picture
    }

    /// <inheritdoc/>
    /// <exception cref="LowbitException">The picture cannot be written.</exception>
    public void EpochFinished(EpochResult result, bool isBest)
    {
        results.Add(result);
        Draw();
    }

    void Draw()
    {
        if (results.Count == 0 || run is not { Folder: { } folder } || !Directory.Exists(folder.Path)) return;
        byte[] png = Picture($"{run.ModelName} on {run.Dataset.Name}", results);
        try
        {
            AtomicFile.Write(folder.Curve, stream => stream.Write(png));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new LowbitException($"{problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}; when that is mended, continue with lowbit train --resume {run.ContinuedBy}", problem);
        }
    }

    static byte[] Picture(string title, IReadOnlyList<EpochResult> results)
    {
        using var plot = new Plot();
        plot.Title(title);
        plot.XLabel("epoch");
        plot.YLabel("loss");
        plot.Axes.Right.Label.Text = "accuracy (%)";
        Line(plot, "training loss", results.Select(r => (r, (double?)r.Train.Loss)), plot.Axes.Left, Colors.Orange);
        Line(plot, "validation loss", results.Select(r => (r, r.Validation?.Loss)), plot.Axes.Left, Colors.Red);
        Line(plot, "test loss", results.Select(r => (r, r.Test?.Loss)), plot.Axes.Left, Colors.Brown);
        Line(plot, "training accuracy", results.Select(r => (r, (double?)r.Train.Top1 * 100)), plot.Axes.Right, Colors.SkyBlue);
        Line(plot, "validation accuracy", results.Select(r => (r, r.Validation?.Top1 * 100)), plot.Axes.Right, Colors.Blue);
        Line(plot, "test accuracy", results.Select(r => (r, r.Test?.Top1 * 100)), plot.Axes.Right, Colors.Navy);
        plot.ShowLegend(Alignment.MiddleRight);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }

    static void Line(Plot plot, string name, IEnumerable<(EpochResult Result, double? Value)> points, IYAxis axis, Color color)
    {
        (EpochResult Result, double? Value)[] known = [.. points.Where(point => point.Value is { } value && double.IsFinite(value))];
        if (known.Length == 0) return;
        var line = plot.Add.Scatter(known.Select(point => (double)point.Result.Epoch).ToArray(), known.Select(point => point.Value!.Value).ToArray(), color);
        line.LegendText = name;
        line.Axes.YAxis = axis;
    }
}
