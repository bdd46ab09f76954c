namespace Lowbit.Export.Interpretation.Operators;

/// <summary>QuantizeLinear and DequantizeLinear of standard ONNX, per tensor or with one scale for each place of an axis.</summary>
static class LinearQuantization
{
    /// <summary>
    /// round(x / scale) + zero point, saturated to the type of the zero point. Note that QONNX's Quant adds the zero point before it
    /// rounds.
    /// </summary>
    public static NdArray Quantize(Call call)
    {
        var zeroPoint = call.Optional(2) ?? NdArray.Scalar(0, Stated(call.Node) ?? ElementType.Uint8);
        if (!zeroPoint.Type.IsInteger())
            throw new LowbitException($"it quantizes to {zeroPoint.Type}; integers are supported");
        var (low, high) = zeroPoint.Type.Range();
        return Broadcast.Map(
            v => Math.Clamp(Math.Round(v[0] / v[1]) + v[2], low, high),
            call.X, OnAxis(call, call.Input(1)), OnAxis(call, zeroPoint)).As(zeroPoint.Type);
    }

    /// <summary>(q - zero point) * scale.</summary>
    public static NdArray Dequantize(Call call) => Broadcast.Map(
        v => (v[0] - v[2]) * v[1],
        call.X, OnAxis(call, call.Input(1)), OnAxis(call, call.Optional(2) ?? NdArray.Scalar(0))).As(ElementType.Float);

    static ElementType? Stated(OnnxNode node) => node.Int("output_dtype", 0) is var type and not 0 ? (ElementType)type : null;

    static NdArray OnAxis(Call call, NdArray parameter)
    {
        if (call.Node.Int("block_size", 0) != 0)
            throw new LowbitException("it has a scale for each block; one for a tensor or for each place of an axis is supported");
        int axis = parameter.Count == 1 ? 0 : call.X.Axis(call.Node.Int("axis", 1));
        return Shaping.AlongAxis(parameter, axis, call.X.Rank);
    }
}
