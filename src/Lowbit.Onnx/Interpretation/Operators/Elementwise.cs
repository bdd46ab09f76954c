namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Operators that compute each element by itself.</summary>
static class Elementwise
{
    public static Func<Call, NdArray> Of(Func<double, double> f) => call => Broadcast.Map(f, call.X);

    public static Func<Call, NdArray> Of(Func<double, double, double> f) => call => Broadcast.Map(f, call.X, call.Input(1));

    /// <summary>A function of two numbers applied over any number of inputs.</summary>
    public static Func<Call, NdArray> OfAll(Func<double, double, double> f) =>
        call => call.All.Skip(1).Aggregate(call.X, (result, next) => Broadcast.Map(f, result, next));

    public static Func<Call, NdArray> Comparison(Func<double, double, bool> holds) =>
        call => Broadcast.Map((a, b) => holds(a, b) ? 1 : 0, call.X, call.Input(1)).As(ElementType.Bool);

    /// <summary>A function of the bits of two integers.</summary>
    public static Func<Call, NdArray> OfBits(Func<long, long, long> f) => call => call.X.Type.IsInteger()
        ? Broadcast.Map((a, b) => f((long)a, (long)b), call.X, call.Input(1))
        : throw new LowbitException($"it takes integers, not {call.X.Type}");

    /// <summary>Bits moved to higher places or to lower ones; those that leave an unsigned integer are lost.</summary>
    public static NdArray BitShift(Call call)
    {
        if (!call.X.Type.IsInteger() || call.X.Type.IsSigned()) throw new LowbitException($"it takes unsigned integers, not {call.X.Type}");
        int bits = call.X.Type.Bits();
        ulong mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        bool isLeft = call.Node.Text("direction", "") == "LEFT";
        return Broadcast.Map((x, places) => places >= bits ? 0 : isLeft ? ((ulong)x << (int)places) & mask : (ulong)x >> (int)places, call.X, call.Input(1));
    }

    /// <summary>Division; of integers towards zero.</summary>
    public static NdArray Divide(Call call) => call.X.Type.IsInteger()
        ? Broadcast.Map((a, b) => b != 0 ? Math.Truncate(a / b) : throw new LowbitException("it divides by zero"), call.X, call.Input(1))
        : Broadcast.Map((a, b) => a / b, call.X, call.Input(1));

    public static NdArray Where(Call call) =>
        Broadcast.Map(v => v[0] != 0 ? v[1] : v[2], call.X, call.Input(1), call.Input(2)).As(call.Input(1).Type);

    public static NdArray Clip(Call call)
    {
        double low = call.Number("min", 1, double.NegativeInfinity);
        double high = call.Number("max", 2, double.PositiveInfinity);
        return Broadcast.Map(x => Math.Min(Math.Max(x, low), high), call.X);
    }

    public static NdArray LeakyRelu(Call call)
    {
        double slope = call.Node.Float("alpha", 0.01);
        return Broadcast.Map(x => x < 0 ? slope * x : x, call.X);
    }

    public static NdArray HardSigmoid(Call call)
    {
        double slope = call.Node.Float("alpha", 0.2), middle = call.Node.Float("beta", 0.5);
        return Broadcast.Map(x => Math.Clamp(slope * x + middle, 0, 1), call.X);
    }

    /// <summary>
    /// Another element type. Values of a float type stay as they are, where the type only rounds them; half precision is rounded to.
    /// </summary>
    public static NdArray Cast(Call call)
    {
        var to = (ElementType)call.Node.Int("to", (long)ElementType.Float);
        Func<double, double> convert = to switch
        {
            ElementType.Float or ElementType.Double => x => x,
            ElementType.Float16 => x => (double)(Half)x,
            ElementType.Bool => x => x != 0 ? 1 : 0,
            _ when to.IsInteger() => x => Wrapped(Math.Truncate(x), to),
            _ => throw new LowbitException($"it casts to {to}, which is not supported"),
        };
        return Broadcast.Map(convert, call.X).As(to);
    }

    /// <summary>The lowest bits of a whole number, as ONNX Runtime keeps them; the standard says so for integers, and nothing for real numbers out of range.</summary>
    static double Wrapped(double whole, ElementType type)
    {
        var (low, high) = type.Range();
        if (whole >= low && whole <= high) return whole;
        double values = Math.ScaleB(1, type.Bits()), lowest = whole - values * Math.Floor(whole / values);
        return lowest > high ? lowest - values : lowest;
    }
}
