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

    /// <summary>How far, in integers, a step may be off where ratios are compared: one that is farther off counts as this.</summary>
    const int MostOff = 2;

    /// <summary>How far from the slope of the function, relatively, ratios are tried.</summary>
    const double Slack = 0.05;

    /// <summary>How far, relatively, a ratio is off in single precision.</summary>
    const double Rounding = 2.5e-7;

    /// <summary>The least relative width of the interval of a ratio that single precision finds its way in.</summary>
    const double Width = 1e-6;

    /// <summary>Numbers that step where the function does; null where there are none.</summary>
    /// <param name="function">The function, not constant.</param>
    /// <param name="factor">What its integer is multiplied by.</param>
    /// <param name="low">The lowest output that there is.</param>
    /// <param name="high">The highest output that there is.</param>
    public static ScaledSum? Exact(StepFunction function, int factor, int low, int high)
    {
        var points = Points(function, factor, low, high);
        double ratio = function.Slope / factor;
        int middle = MiddleBias(points, ratio);
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
        return best;
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
    static int MiddleBias(List<(long X, double Boundary, bool IsReached)> points, double ratio)
    {
        double least = double.NegativeInfinity, most = double.PositiveInfinity;
        foreach (var (x, boundary, isReached) in points)
        {
            if (isReached) least = Math.Max(least, boundary / ratio - x);
            else most = Math.Min(most, boundary / ratio - x);
        }
        return (int)Math.Round((least + most) / 2);
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

    /// <summary>The numbers with the least share of sums misplaced.</summary>
    /// <param name="function">The function, not constant.</param>
    /// <param name="factor">What its integer is multiplied by.</param>
    /// <param name="low">The lowest output that there is.</param>
    /// <param name="high">The highest output that there is.</param>
    public static ScaledSum Nearest(StepFunction function, int factor, int low, int high)
    {
        int middle = MiddleBias(Points(function, factor, low, high), function.Slope / factor);
        var candidates = Enumerable.Range(middle - Reach, 2 * Reach + 1).Select(bias => new ScaledSum(bias, BestRatio(function, factor, bias)));
        // Where scales are powers of two, every second step is a tie, which no strict inequality allows; single precision meets it only with a factor that is one, too.
        if (int.IsPow2(factor)) candidates = candidates.Append(PowerOfTwo());
        return candidates.MinBy(candidate => candidate.Misplaced(function, factor, low, high));

        ScaledSum PowerOfTwo() => new(0, Math.ScaleB(1, (int)Math.Round(Math.Log2(function.Slope))) / factor);
    }

    /// <summary>
    /// The ratio that misplaces the least share of sums for a bias. Each step moves from one sum to the next at a ratio of its own: all these are gone through in order, and
    /// what is misplaced is counted between two of them.
    /// </summary>
    static double BestRatio(StepFunction function, int factor, int bias)
    {
        double slope = function.Slope / factor;
        List<double> ratios = [], changes = [];
        for (int i = 0; i < function.At.Length; i++)
        {
            double boundary = function.First + i + 0.5, share = function.ShareAt(function.First + i + 1);
            for (int off = -MostOff; off < MostOff; off++)
            {
                double ratio = boundary / ((function.At[i] + off) * factor + bias);
                // With a larger ratio, steps of positive sums are nearer to 0, and so are those of negative ones, which moves them up.
                if (ratio < slope * (1 - Slack) || ratio > slope * (1 + Slack)) continue;
                // As near to it as single precision is off, it may have moved or not.
                ratios.AddRange(ratio * (1 - Rounding), ratio * (1 + Rounding));
                double change = (off >= 0 == boundary > 0 ? -share : share) / 2;
                changes.AddRange(change, change);
            }
        }
        double[] at = [.. ratios], moved = [.. changes];
        Array.Sort(at, moved);
        var (best, least, misplaced) = (slope, double.PositiveInfinity, 0.0);
        for (int i = 0; i + 1 < at.Length; i++)
        {
            misplaced += moved[i];
            if (misplaced < least && at[i + 1] > at[i]) (best, least) = ((at[i] + at[i + 1]) / 2, misplaced);
        }
        return best;
    }

    /// <summary>The share of sums, as the function expects them, that have another output; ties are rounded to the even output.</summary>
    public double Misplaced(StepFunction function, int factor, int low, int high)
    {
        double off = 0;
        int last = function.First + function.At.Length;
        for (int i = 0; i < function.At.Length; i++) off += function.ShareAt(function.First + i + 1) * Math.Abs(StepTo(function.First + i + 1, factor) - function.At[i]);
        if (function.First > low) off += function.ShareAt(function.First) * Math.Max(0, StepTo(function.First, factor) - function.Range.Low);
        if (last < high) off += function.ShareAt(last + 1) * Math.Max(0, function.Range.High + 1 - StepTo(last + 1, factor));
        return off;
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
