namespace Lowbit.Export.Interpretation.Operators;

/// <summary>The rounding modes of QONNX, in upper or lower case.</summary>
static class Rounding
{
    static readonly Dictionary<string, Func<double, double>> Modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ROUND"] = Math.Round,
        ["HALF_EVEN"] = Math.Round,
        ["CEIL"] = Math.Ceiling,
        ["FLOOR"] = Math.Floor,
        ["UP"] = AwayFromZero,
        ["DOWN"] = Math.Truncate,
        ["ROUND_TO_ZERO"] = Math.Truncate,
        ["HALF_UP"] = x => Math.Round(x, MidpointRounding.AwayFromZero),
        ["HALF_DOWN"] = x => Math.CopySign(Math.Ceiling(Math.Abs(x) - 0.5), x),
    };

    /// <exception cref="LowbitException">There is no such mode.</exception>
    public static Func<double, double> Named(string mode) => Modes.TryGetValue(mode, out var round)
        ? round
        : throw new LowbitException(
            $"its rounding_mode is {mode}; {string.Join(", ", Modes.Keys)} are known{NearestName.Hint(mode, Modes.Keys)}");

    static double AwayFromZero(double x) => Math.CopySign(Math.Ceiling(Math.Abs(x)), x);
}
