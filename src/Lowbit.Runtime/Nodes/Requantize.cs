using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>
/// From one integer to the next: what a bias, a batch norm, a ReLU and a quantizer do together, by channel:
/// <c>clamp((x * multiplier + addend) >> shift, low, high)</c> in int64, the shift rounding down. Channels that no such numbers are exact for have thresholds.
/// </summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The value that it takes.</param>
/// <param name="Low">The lowest integer of the output.</param>
/// <param name="High">The highest integer of the output.</param>
/// <param name="Multipliers">One for each channel, or one for all.</param>
/// <param name="Addends">As many.</param>
/// <param name="Shifts">As many, 0 to 62.</param>
/// <param name="Exceptions">The channels that have thresholds instead; channel 0 means all where the multipliers do.</param>
public sealed record Requantize(
    string Name, string From, int Low, int High, ImmutableArray<int> Multipliers, ImmutableArray<long> Addends, ImmutableArray<int> Shifts, ImmutableArray<Thresholds> Exceptions)
    : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <summary>The output for an integer of a channel.</summary>
    public int Apply(int channel, int x) => RowOf(channel) is var row && Exceptions.FirstOrDefault(exception => exception.Channel == row) is { } thresholds
        ? thresholds.Apply(x)
        : Scaled(x, row);

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (shape, ranges) = (inputs[0].Shape, inputs[0].Ranges);
        if (Low > High) throw Refuse($"its output is {Low} to {High}");
        if (Multipliers.IsDefault || Addends.IsDefault || Shifts.IsDefault || Exceptions.IsDefault
            || (Multipliers.Length != 1 && Multipliers.Length != shape.Channels) || Addends.Length != Multipliers.Length || Shifts.Length != Multipliers.Length)
            throw Refuse($"it takes as many multipliers, addends and shifts: {shape.Channels}, or one of each");
        if (Shifts.Any(shift => shift is < 0 or > 62)) throw Refuse("a shift is not 0 to 62");
        foreach (Thresholds exception in Exceptions)
            if (exception is null || exception.Fault(Low, High) is not null || exception.Channel < 0 || exception.Channel >= Multipliers.Length)
                throw Refuse(exception is null ? "thresholds are missing" : $"the thresholds of channel {exception.Channel} {exception.Fault(Low, High) ?? "are for a channel that is not there"}");
        Thresholds?[] thresholds = ThresholdsByRow();
        return new(shape, [.. ranges.Select((range, channel) => RangeOf(range, channel, thresholds[RowOf(channel)]))]);
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        int pixels = given[0].Shape.Pixels;
        Thresholds?[] thresholds = ThresholdsByRow();
        for (int i = 0; i < output.Length; i++)
        {
            int row = RowOf(i / pixels);
            Vector<int> x = inputs[0][i];
            output[i] = thresholds[row] is { } steps ? steps.Apply(x) : Vector.Narrow(Scaled(Vector.WidenLower(x), row), Scaled(Vector.WidenUpper(x), row));
        }
    }

    int RowOf(int channel) => Multipliers.Length == 1 ? 0 : channel;

    Thresholds?[] ThresholdsByRow()
    {
        var thresholds = new Thresholds?[Multipliers.Length];
        foreach (Thresholds exception in Exceptions) thresholds[exception.Channel] = exception;
        return thresholds;
    }

    int Scaled(int x, int row) => (int)Math.Clamp(((long)x * Multipliers[row] + Addends[row]) >> Shifts[row], Low, High);

    Vector<long> Scaled(Vector<long> x, int row) =>
        Vector.Min(Vector.Max(Vector.ShiftRightArithmetic(x * Multipliers[row] + new Vector<long>(Addends[row]), Shifts[row]), new Vector<long>(Low)), new Vector<long>(High));

    /// <summary>The outputs of a channel, between those of the ends of its inputs: it only rises or only falls.</summary>
    Interval RangeOf(Interval input, int channel, Thresholds? thresholds)
    {
        int row = RowOf(channel);
        if (thresholds is null && (Leaves64Bits(input.Low, row) || Leaves64Bits(input.High, row))) throw Refuse($"a product of channel {channel} could leave 64 bits");
        int first = thresholds?.Apply(input.Low) ?? Scaled(input.Low, row), last = thresholds?.Apply(input.High) ?? Scaled(input.High, row);
        return new(Math.Min(first, last), Math.Max(first, last));
    }

    bool Leaves64Bits(int x, int row) => (Int128)x * Multipliers[row] + Addends[row] is var sum && (sum > long.MaxValue || sum < long.MinValue);
}

/// <summary>A step function: <paramref name="First"/>, and one more (or less, where it falls) for each threshold that the integer reaches.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="First">The output below the first threshold.</param>
/// <param name="Falling">Whether the output falls where the integer grows.</param>
/// <param name="At">The thresholds, in order; one that stands there twice is a step of two.</param>
public sealed record Thresholds(int Channel, int First, bool Falling, ImmutableArray<int> At)
{
    /// <summary>The output for an integer.</summary>
    public int Apply(int x)
    {
        int reached = 0;
        foreach (int threshold in At) reached += x >= threshold ? 1 : 0;
        return Falling ? First - reached : First + reached;
    }

    internal Vector<int> Apply(Vector<int> x)
    {
        Vector<int> reached = Vector<int>.Zero;
        foreach (int threshold in At) reached -= Vector.GreaterThanOrEqual(x, new Vector<int>(threshold));   // true is -1
        return Falling ? new Vector<int>(First) - reached : new Vector<int>(First) + reached;
    }

    /// <summary>What is wrong; null where it is right for outputs of low to high.</summary>
    internal string? Fault(int low, int high)
    {
        if (At.IsDefault || !At.SequenceEqual(At.Order())) return "are not in order";
        long last = Falling ? (long)First - At.Length : (long)First + At.Length;
        return Math.Min(First, last) < low || Math.Max(First, last) > high ? $"lead beyond {low} to {high}" : null;
    }
}
