namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Quant (also named IntQuant), BipolarQuant and Trunc, as the documents of QONNX define them.</summary>
static class QonnxQuantization
{
    /// <summary>
    /// (round(clamp(x / scale + zero point)) - zero point) * scale. A signed quantizer of 1 bit has the values -1 and +1, as in QONNX's
    /// own executor.
    /// </summary>
    public static NdArray Quant(Call call)
    {
        bool signed = call.Node.Flag("signed", otherwise: true), narrow = call.Node.Flag("narrow");
        var round = Rounding.Named(call.Node.Text("rounding_mode", "ROUND"));
        return Broadcast.Map(Value, call.X, call.Input(1), call.Input(2), call.Input(3));

        double Value(double[] inputs)
        {
            var (x, scale, zeroPoint, bits) = (inputs[0], inputs[1], inputs[2], inputs[3]);
            double q = x / scale + zeroPoint;
            if (signed && bits == 1)
                q = q >= 0 ? 1 : -1;
            else
                q = round(Clamp(q, bits, signed, narrow));
            return (q - zeroPoint) * scale;
        }
    }

    /// <summary>+scale where x is at least 0, -scale elsewhere.</summary>
    public static NdArray BipolarQuant(Call call) => Broadcast.Map((x, scale) => x >= 0 ? scale : -scale, call.X, call.Input(1));

    /// <summary>
    /// Drops the lowest bits of an integer: inputs are x, scale, zero point, input bits and, in version 1, output bits, in version 2,
    /// output scale, output bits.
    /// </summary>
    public static NdArray Trunc(Call call)
    {
        int version = call.Inputs.Length switch
        {
            5 => 1,
            6 => 2,
            var count => throw new LowbitException($"it has {count} inputs; version 1 has 5, version 2 has 6"),
        };
        if (call.Node.Version != 0 && call.Node.Version != version)
            throw new LowbitException(
                $"it has the {call.Inputs.Length} inputs of version {version}, but the file imports version {call.Node.Version}");
        return version == 1 ? TruncVersion1(call) : TruncVersion2(call);
    }

    static NdArray TruncVersion1(Call call)
    {
        var round = Rounding.Named(call.Node.Text("rounding_mode", "FLOOR"));
        return Broadcast.Map(Value, [.. Enumerable.Range(0, 5).Select(call.Input)]);

        double Value(double[] inputs)
        {
            var (x, scale, zeroPoint, bits, outputBits) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
            double integer = Math.Round(x / scale + zeroPoint);
            return (round(integer / Math.Pow(2, bits - outputBits)) - zeroPoint) * scale;
        }
    }

    static NdArray TruncVersion2(Call call)
    {
        bool signed = call.Node.Flag("signed", otherwise: true), narrow = call.Node.Flag("narrow");
        var round = Rounding.Named(call.Node.Text("rounding_mode", "FLOOR"));
        return Broadcast.Map(Value, [.. Enumerable.Range(0, 6).Select(call.Input)]);

        double Value(double[] inputs)
        {
            var (x, scale, zeroPoint, outputScale, outputBits) = (inputs[0], inputs[1], inputs[2], inputs[4], inputs[5]);
            double dropped = Math.Pow(2, Math.Round(Math.Log2(outputScale / scale)));
            double q = Math.Round(x / scale + zeroPoint) / dropped;
            return (round(Clamp(q, outputBits, signed, narrow)) - zeroPoint / dropped) * outputScale;
        }
    }

    static double Clamp(double value, double bits, bool signed, bool narrow)
    {
        var (low, high) = Range(bits, signed, narrow);
        return Math.Clamp(value, low, high);
    }

    /// <summary>The smallest and the largest value; the bits need not be a whole number, and are then used as they are.</summary>
    /// <exception cref="LowbitException">There is no such range.</exception>
    public static (double Low, double High) Range(double bits, bool signed, bool narrow)
    {
        if (bits is not (> 0 and <= 62))
            throw new LowbitException($"its bit width is {bits}; more than 0 and up to 62 is possible");
        return signed
            ? (-Math.Pow(2, bits - 1) + (narrow ? 1 : 0), Math.Pow(2, bits - 1) - 1)
            : (0, Math.Pow(2, bits) - (narrow ? 2 : 1));
    }
}
