using Lowbit.Export.Writing;

namespace Lowbit.Export.Folding;

/// <summary>A step function as engines compute it in real numbers: <c>round(x * Slope + Offset)</c>.</summary>
/// <param name="Slope">Outputs for each integer.</param>
/// <param name="Offset">What is added.</param>
readonly record struct Line(double Slope, double Offset)
{
    /// <summary>A factor so large that a whole bias is as good as a real one.</summary>
    const int Factor = 1 << 16;

    /// <summary>The line of a step function.</summary>
    public static Line Of(StepFunction function, int low, int high)
    {
        if (function.IsConstant) return new(0, function.First);
        var (bias, ratio) = ScaledSum.Exact(function, Factor, low, high) ?? ScaledSum.Nearest(function, Factor, low, high);
        return new(ratio * Factor * (function.IsFalling ? -1 : 1), ratio * bias);
    }

    /// <summary>Writes the lines of all channels, or the one for all, as Mul and Add.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The value's name.</param>
    /// <param name="x">The tensor [N, C, ...] that they are functions of.</param>
    /// <param name="lines">One for each channel, or one.</param>
    /// <param name="from">The scale of x.</param>
    /// <param name="to">The scale of what comes out.</param>
    /// <param name="isFlat">Whether x is [N, C].</param>
    public static string Write(OnnxGraphWriter file, string name, string x, IReadOnlyList<Line> lines, double from, double to, bool isFlat)
    {
        bool isOne = lines.Distinct().Count() == 1;
        string scaled = file.Node("Mul", $"{name}.scaled", [x, Constant($"{name}.factor", line => line.Slope * to / from)]);
        return file.Node("Add", $"{name}.shifted", [scaled, Constant($"{name}.offset", line => line.Offset * to)]);

        string Constant(string constant, Func<Line, double> value) => isOne
            ? file.Scalar(constant, value(lines[0]))
            : file.Floats(constant, [.. lines.Select(line => (float)value(line))], isFlat ? [1, lines.Count] : [1, lines.Count, 1, 1]);
    }
}
