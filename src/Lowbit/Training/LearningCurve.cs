using ScottPlot;

namespace Lowbit.Training;

/// <summary>Loss and accuracy over the epochs as a picture.</summary>
static class LearningCurve
{
    const int Width = 900, Height = 500;

    public static void Write(string path, string title, IReadOnlyList<EpochResult> results)
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
        byte[] png = plot.GetImageBytes(Width, Height, ImageFormat.Png);
        AtomicFile.Write(path, stream => stream.Write(png));
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
