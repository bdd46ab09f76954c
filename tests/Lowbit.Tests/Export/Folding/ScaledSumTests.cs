using Lowbit.Export.Folding;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using Xunit;

namespace Lowbit.Tests.Export.Folding;

/// <summary>A requantization as engines compute it, with a whole bias, steps where the integer network's does.</summary>
public class ScaledSumTests
{
    [Theory]
    [InlineData(90, 0, 15, 18)]
    [InlineData(12, 0, 3, 42)]
    [InlineData(5, -8, 7, 127)]
    [InlineData(3, 0, 1, 127)]
    [InlineData(1, -128, 127, 127)]
    public void A_factor_makes_every_step_exact(double sumsForAnOutput, int low, int high, int factor)
    {
        var random = new Random(7);
        for (int i = 0; i < 50; i++)
        {
            var (node, range) = Requantization(random, sumsForAnOutput, low, high);
            var function = StepFunction.Of(node, 0, range);
            if (function.IsConstant) continue;
            // As the export does: the next smaller factor where a whole bias does not exist for this one.
            var exact = Enumerable.Range(0, factor / 2).Select(less => (Factor: factor - less, Sum: ScaledSum.Exact(function, factor - less, low, high)))
                .Where(found => found.Sum?.Misplaced(function, found.Factor, low, high) == 0).Select(found => (found.Factor, Sum: found.Sum!.Value)).First();
            for (int x = range.Low; x <= range.High; x++)
                Assert.Equal(node.Apply(0, x), Rounded(exact.Sum, (function.IsFalling ? -x : x) * exact.Factor, low, high));
        }
    }

    [Fact]
    public void Without_a_factor_few_sums_are_off_and_by_one_only()
    {
        var random = new Random(3);
        double worst = 0;
        for (int i = 0; i < 50; i++)
        {
            var (node, range) = Requantization(random, 300, 0, 255);
            var function = StepFunction.Of(node, 0, range);
            ScaledSum sum = ScaledSum.Nearest(function, 1, 0, 255);
            int[] off = [.. Enumerable.Range(range.Low, range.High - range.Low + 1).Select(x => Rounded(sum, function.IsFalling ? -x : x, 0, 255) - node.Apply(0, x))];
            Assert.All(off, difference => Assert.InRange(difference, -1, 1));
            worst = Math.Max(worst, off.Count(difference => difference != 0) / (300.0 * 255));
        }
        Assert.InRange(worst, 0, 0.002);
    }

    /// <summary>A whole bias is off somewhere: where most sums are, fewer are off once it is known where that is.</summary>
    [Fact]
    public void Where_sums_were_seen_fewer_of_them_are_off()
    {
        var random = new Random(5);
        int before = 0, after = 0;
        for (int i = 0; i < 50; i++)
        {
            var (node, range) = Requantization(random, 100, 0, 255);
            var function = StepFunction.Of(node, 0, range);
            // Sums whose outputs are about 20, as after a ReLU; half of them are seen before, half are counted.
            int middle = Enumerable.Range(range.Low, range.High - range.Low + 1).First(x => function.IsFalling ? node.Apply(0, x) <= 20 : node.Apply(0, x) >= 20);
            int[] sums = [.. Enumerable.Range(0, 8000).Select(_ => Math.Clamp(middle + (int)(1500 * (random.NextDouble() + random.NextDouble() - 1)), range.Low, range.High))];
            int[] counts = new int[256];
            foreach (int sum in sums.Take(4000)) counts[node.Apply(0, sum)]++;
            before += Off(function, node, sums);
            after += Off(function with { Seen = new(0, counts) }, node, sums);
        }
        Assert.InRange(after, 0, before * 2 / 3);

        static int Off(StepFunction function, Requantize node, int[] sums)
        {
            ScaledSum found = ScaledSum.Nearest(function, 1, 0, 255);
            return sums.Skip(4000).Count(sum => Rounded(found, function.IsFalling ? -sum : sum, 0, 255) != node.Apply(0, sum));
        }
    }

    /// <summary>In single precision, as engines do it.</summary>
    static int Rounded(ScaledSum sum, int product, int low, int high) => (int)Math.Clamp(MathF.Round((product + sum.Bias) * (float)sum.Ratio), low, high);

    static (Requantize Node, Interval Range) Requantization(Random random, double sumsForAnOutput, int low, int high)
    {
        const int Shift = 30;
        double slope = (0.7 + 0.6 * random.NextDouble()) / sumsForAnOutput, middle = (low + high) / 2.0 + random.NextDouble();
        int reach = (int)Math.Ceiling((high - low) * 0.8 * sumsForAnOutput) + 2, sign = random.Next(2) == 0 ? 1 : -1;
        var node = new Requantize("q", "x", low, high, [sign * (int)(slope * Math.ScaleB(1, Shift - (sumsForAnOutput <= 1 ? 2 : 0)))], [(long)(middle * Math.ScaleB(1, Shift - (sumsForAnOutput <= 1 ? 2 : 0)))], [Shift - (sumsForAnOutput <= 1 ? 2 : 0)], []);
        return (node, new(-reach, reach));
    }
}
