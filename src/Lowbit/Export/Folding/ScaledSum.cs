namespace Lowbit.Export.Folding;

/// <summary>
/// A step function as engines compute it: <c>round((factor * x + bias) * ratio)</c>, saturated to the outputs that there are; the bias is an integer, and the ratio a real number.
/// </summary>
/// <param name="Bias">The bias, in units of 1 / factor.</param>
/// <param name="Ratio">The ratio of scales.</param>
readonly record struct ScaledSum(int Bias, double Ratio)
{
    /// <summary>How far from the best real bias integers are tried.</summary>
    const int Reach = 3;

    /// <summary>The least relative width of the interval of a ratio that single precision finds its way in.</summary>
    const double Width = 1e-6;

    /// <summary>Numbers that step where the function does; where there are none, those whose steps are the fewest integers off.</summary>
    /// <param name="function">The function, not constant.</param>
    /// <param name="factor">What its integer is multiplied by.</param>
    /// <param name="low">The lowest output that there is.</param>
    /// <param name="high">The highest output that there is.</param>
    public static ScaledSum Find(StepFunction function, int factor, int low, int high)
    {
        var points = Points(function, factor, low, high);
        double ratio = function.Slope / factor;
        int middle = (int)Math.Round(Middle(points, ratio));
        ScaledSum? best = null;
        double widest = Width;
        for (int i = 0; i <= 2 * Reach && widest <= Width; i++)
        {
            int bias = middle + (i % 2 == 0 ? i / 2 : -(i / 2) - 1);
            var (least, most) = Ratios(points, bias);
            if (most <= least * (1 + widest)) continue;
            widest = double.IsInfinity(most) ? 1 : most / Math.Max(least, double.Epsilon) - 1;
            best = new(bias, ratio > least * (1 + Width) && double.IsInfinity(most) ? ratio : double.IsInfinity(most) ? 2 * least : (least + most) / 2);
        }
        return best ?? Nearest(function, factor, middle, low, high);
    }

    /// <summary>Integers, multiplied, at which the output must be at least so much (before the step: less).</summary>
    static List<(long X, double Boundary, bool IsReached)> Points(StepFunction function, int factor, int low, int high)
    {
        var points = new List<(long, double, bool)>();
        for (int i = 0; i < function.At.Length; i++)
        {
            double boundary = function.First + i + 0.5;
            points.Add((function.At[i] * factor, boundary, true));
            points.Add(((function.At[i] - 1) * factor, boundary, false));
        }
        if (function.First > low) points.Add(((long)function.Range.Low * factor, function.First - 0.5, true));
        if (function.First + function.At.Length is var last && last < high) points.Add(((long)function.Range.High * factor, last + 0.5, false));
        return points;
    }

    /// <summary>The middle of the biases that the points leave for a ratio, or between those that contradict each other.</summary>
    static double Middle(List<(long X, double Boundary, bool IsReached)> points, double ratio)
    {
        double least = double.NegativeInfinity, most = double.PositiveInfinity;
        foreach (var (x, boundary, isReached) in points)
        {
            if (isReached) least = Math.Max(least, boundary / ratio - x);
            else most = Math.Min(most, boundary / ratio - x);
        }
        return (least + most) / 2;
    }

    /// <summary>The ratios that the points leave for a bias; none where the second is not more than the first.</summary>
    static (double Least, double Most) Ratios(List<(long X, double Boundary, bool IsReached)> points, int bias)
    {
        double least = 0, most = double.PositiveInfinity;
        foreach (var (x, boundary, isReached) in points)
        {
            long sum = x + bias;
            if (sum == 0 && isReached != boundary < 0) return (0, 0);
            if (sum == 0) continue;
            double ratio = boundary / sum;
            // sum * ratio must be boundary or more where it is reached, else less; a negative sum turns the inequality around.
            if (isReached == sum > 0) least = Math.Max(least, ratio);
            else most = Math.Min(most, ratio);
        }
        return (least, most);
    }

    /// <summary>The bias, and the ratio, whose steps are the fewest integers off.</summary>
    static ScaledSum Nearest(StepFunction function, int factor, int middle, int low, int high)
    {
        var candidates = from bias in new[] { middle, middle - 1, middle + 1 }
                         from ratio in Candidates(bias)
                         select new ScaledSum(bias, ratio);
        // Where scales are powers of two, every second step is a tie, which no strict inequality allows; single precision meets it only with a factor that is one, too.
        if (int.IsPow2(factor)) candidates = candidates.Append(PowerOfTwo());
        return candidates.MinBy(candidate => candidate.Misplaced(function, factor, low, high));

        ScaledSum PowerOfTwo() => new(0, Math.ScaleB(1, (int)Math.Round(Math.Log2(function.Slope))) / factor);

        IEnumerable<double> Candidates(int bias)
        {
            yield return function.Slope / factor;
            for (int part = 1; part < 8; part++)
            {
                int i = function.At.Length * part / 8;
                double ratio = (function.First + i + 0.5) / ((function.At[i] - 0.5) * factor + bias);
                if (Math.Abs(ratio * factor / function.Slope - 1) < 0.05) yield return ratio;
            }
        }
    }

    /// <summary>The share of integers, of those from the first step to the last, that have another output; ties are rounded to the even output.</summary>
    public double Misplaced(StepFunction function, int factor, int low, int high)
    {
        double off = 0;
        int last = function.First + function.At.Length;
        for (int i = 0; i < function.At.Length; i++) off += Math.Abs(StepTo(function.First + i + 1, factor) - function.At[i]);
        if (function.First > low) off += Math.Max(0, StepTo(function.First, factor) - function.Range.Low);
        if (last < high) off += Math.Max(0, function.Range.High + 1 - StepTo(last + 1, factor));
        return off / (function.At[^1] - function.At[0] + 1);
    }

    /// <summary>The first integer with so large an output; half an integer off where single precision may round either way.</summary>
    double StepTo(int output, int factor)
    {
        double boundary = ((output - 0.5) / Ratio - Bias) / factor, nearest = Math.Round(boundary);
        if (Math.Abs(boundary - nearest) > Width) return Math.Ceiling(boundary);
        bool isExact = int.IsPow2(factor) && Math.ScaleB(1, Math.ILogB(Ratio)) == Ratio;
        return isExact ? nearest + (output % 2 == 0 ? 0 : 1) : nearest + 0.5;
    }
}
