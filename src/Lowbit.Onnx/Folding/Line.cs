using System.Numerics;
using Lowbit.Export.Writing;

namespace Lowbit.Export.Folding;

/// <summary>A step function as engines compute it in real numbers: <c>round(clamp(x * Slope + Offset, Least, Most))</c>.</summary>
/// <param name="Slope">Outputs for each integer.</param>
/// <param name="Offset">What is added.</param>
/// <param name="Least">The least output, where a bend in the function keeps it above what it would be; else minus infinity.</param>
/// <param name="Most">The largest, likewise; else infinity.</param>
/// <param name="Misplaced">About the share of integers with another output than the function's.</param>
readonly record struct Line(double Slope, double Offset, double Least = double.NegativeInfinity, double Most = double.PositiveInfinity, double Misplaced = 0)
{
    /// <summary>The logarithm of a factor so large that a whole bias is as good as a real one, and of the largest product that has room for a bias beside it.</summary>
    const int FactorBits = 16, ProductBits = 28;

    /// <summary>The line of a step function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="low">The lowest output of the quantizer, which clips what is below.</param>
    /// <param name="high">The highest.</param>
    public static Line Of(StepFunction function, int low, int high)
    {
        if (function.IsConstant) return new(0, function.First);
        // What is beyond the first and the last output is for the bounds.
        int last = function.First + function.At.Length;
        int reach = Math.Max(Math.Abs(function.Range.Low), Math.Abs(function.Range.High)), factor = 1 << Math.Clamp(ProductBits - BitOperations.Log2((uint)reach), 0, FactorBits);
        ScaledSum sum = ScaledSum.Exact(function, factor, function.First, last) ?? ScaledSum.Nearest(function, factor, function.First, last);
        var (bias, ratio) = sum;
        return new(ratio * factor * (function.IsFalling ? -1 : 1), ratio * bias,
            function.First > low && At(function.Range.Low) < function.First - 0.5 ? function.First : double.NegativeInfinity,
            last < high && At(function.Range.High) > last + 0.5 ? last : double.PositiveInfinity,
            sum.Misplaced(function, factor, function.First, last));

        double At(double x) => (x * factor + bias) * ratio;
    }

    /// <summary>Writes the lines of all channels, or the one for all, as Mul and Add, with Max and Min where there are bounds.</summary>
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
        string shifted = file.Node("Add", $"{name}.shifted", [scaled, Constant($"{name}.offset", line => line.Offset * to)]);
        if (lines.Any(line => double.IsFinite(line.Least))) shifted = file.Node("Max", $"{name}.raised", [shifted, Constant($"{name}.least", line => line.Least * to)]);
        return lines.Any(line => double.IsFinite(line.Most)) ? file.Node("Min", $"{name}.lowered", [shifted, Constant($"{name}.most", line => line.Most * to)]) : shifted;

        string Constant(string constant, Func<Line, double> value) => isOne
            ? file.Scalar(constant, value(lines[0]))
            : file.Floats(constant, [.. lines.Select(line => (float)value(line))], isFlat ? [1, lines.Count] : [1, lines.Count, 1, 1]);
    }
}
