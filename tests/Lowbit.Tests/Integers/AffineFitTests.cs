using System.Collections.Immutable;
using Lowbit.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using Xunit;

namespace Lowbit.Tests.Integers;

public class AffineFitTests
{
    /// <summary>Slopes of a step in a thousand up to 300 steps at once, either direction, through the clamp's whole range, a part of it, or beyond.</summary>
    [Fact]
    public void What_a_line_rounds_to_is_a_multiplier_an_addend_and_a_shift_over_all_integers()
    {
        var chance = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            var (low, high) = i % 3 == 0 ? (0, 15) : i % 3 == 1 ? (-128, 127) : (0, 1);
            double slope = Math.Exp(chance.NextDouble() * 12.6 - 6.9) * (chance.Next(2) * 2 - 1), offset = (chance.NextDouble() - 0.5) * 300;
            int start = chance.Next(-3000, 3000);
            var range = new Interval(start, start + chance.Next(1, 2000));
            int Rounded(int x) => (int)Math.Clamp(Math.Round(slope * x + offset), low, high);
            Thresholds steps = new StepSearch(xs => [.. xs.Select(x => Rounded((int)x))], [range]).Find()[0];
            Affine? found = AffineFit.Find(steps, range, low, high);

            Assert.NotNull(found);
            // One assertion: there are millions of values.
            for (int x = range.Low; x <= range.High; x++)
                if ((steps.Apply(x), Apply(found.Value, x, low, high)) is var applied && applied != (Rounded(x), Rounded(x)))
                    Assert.Fail($"{slope} x + {offset} at {x} is {Rounded(x)}; by steps and by {found} it is {applied}");
        }
    }

    [Fact]
    public void A_sign_is_a_step_of_two()
    {
        var range = new Interval(-1000, 900);
        Affine found = AffineFit.Find(new(0, -1, false, [7, 7]), range, -1, 1)!.Value;
        for (int x = range.Low; x <= range.High; x++) Assert.Equal(x >= 7 ? 1 : -1, Apply(found, x, -1, 1));
    }

    [Fact]
    public void Sums_up_to_the_ends_of_int32_do_not_leave_64_bits()
    {
        var range = new Interval(int.MinValue, int.MaxValue);
        ImmutableArray<int> at = [.. Enumerable.Range(1, 255).Select(q => (q - 128) << 24)];
        Affine found = AffineFit.Find(new(0, 0, false, at), range, 0, 255)!.Value;
        foreach (int x in at.SelectMany(threshold => new[] { threshold - 1, threshold }).Append(int.MinValue).Append(int.MaxValue))
            Assert.Equal(at.Count(threshold => x >= threshold), Apply(found, x, 0, 255));
    }

    /// <summary>Halves go to the even integer: the steps of x / 2 are 1, 3, 1, 3 ... wide, which no line is.</summary>
    [Fact]
    public void Steps_that_no_line_has_are_told()
    {
        var range = new Interval(-20, 20);
        Thresholds steps = new StepSearch(xs => [.. xs.Select(x => (int)Math.Round(x / 2))], [range]).Find()[0];
        Assert.Null(AffineFit.Find(steps, range, -10, 10));
        Assert.NotNull(AffineFit.Find(new(0, 0, false, [5, 9, 14]), range, 0, 3));
        Assert.Null(AffineFit.Find(new(0, 0, false, [5, 9, 18]), range, 0, 3));
    }

    /// <summary>Where small numbers are exact, some are found; where they are not, what is found is proven by the search: three steps, all widths, against all numbers of 6 bits.</summary>
    [Fact]
    public void Numbers_are_found_wherever_there_are_some()
    {
        var range = new Interval(-2, 24);
        for (int second = 1; second <= 20; second++)
            for (int third = second; third <= 20; third++)
            {
                var steps = new Thresholds(0, 0, false, [1, second, third]);
                bool exists = Enumerable.Range(0, 7).Any(shift => Enumerable.Range(1, 63).Any(m => Enumerable.Range(-300, 600).Any(a => IsExact(steps, new(m, a, shift), range))));
                Affine? found = AffineFit.Find(steps, range, 0, 3);
                if (exists) Assert.NotNull(found);
                if (found is { } affine) Assert.True(IsExact(steps, affine, range));
            }
    }

    static bool IsExact(Thresholds steps, Affine affine, Interval range)
    {
        for (int x = range.Low; x <= range.High; x++)
            if (steps.Apply(x) != Apply(affine, x, 0, 3)) return false;
        return true;
    }

    static int Apply(Affine affine, int x, int low, int high) => (int)Math.Clamp((checked((long)x * affine.Multiplier) + affine.Addend) >> affine.Shift, low, high);
}
