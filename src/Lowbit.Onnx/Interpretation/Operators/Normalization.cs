namespace Lowbit.Export.Interpretation.Operators;

/// <summary>BatchNormalization as it computes in evaluation, Softmax and LogSoftmax.</summary>
static class Normalization
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) * scale + bias, each with one value per channel (axis 1).</summary>
    public static NdArray Batch(Call call)
    {
        var x = call.X;
        int channels = x.Rank > 1 ? x.Shape[1] : 1;
        var (scale, bias, mean, variance) = (PerChannel(1), PerChannel(2), PerChannel(3), PerChannel(4));
        double epsilon = call.Node.Float("epsilon", 1e-5);
        return Broadcast.Map(v => (v[0] - v[3]) / Math.Sqrt(v[4] + epsilon) * v[1] + v[2], x, scale, bias, mean, variance);

        NdArray PerChannel(int input) => call.Input(input).Count == channels
            ? Shaping.AlongAxis(call.Input(input), Math.Min(1, x.Rank - 1), x.Rank)
            : throw new LowbitException($"its input {input + 1} has {call.Input(input).Count} values for {channels} channels");
    }

    public static NdArray Softmax(Call call) => OverRows(call, row =>
    {
        double largest = row.Max();
        double[] powers = [.. row.Select(x => Math.Exp(x - largest))];
        double sum = powers.Sum();
        return powers.Select(power => power / sum);
    });

    public static NdArray LogSoftmax(Call call) => OverRows(call, row =>
    {
        double largest = row.Max();
        double logSum = Math.Log(row.Sum(x => Math.Exp(x - largest)));
        return row.Select(x => x - largest - logSum);
    });

    /// <summary>Along one axis; before opset 13 along that axis and all after it.</summary>
    static NdArray OverRows(Call call, Func<double[], IEnumerable<double>> normalize)
    {
        var x = call.X;
        bool allAfter = call.Node.Version is > 0 and < 13;
        int axis = x.Axis(call.Node.Int("axis", allAfter ? 1 : -1));
        int size = allAfter ? NdArray.CountOf(x.Shape.AsSpan(axis)) : x.Shape[axis];
        int[] order = [.. Enumerable.Range(0, x.Rank).Where(i => i != axis), axis];
        var rows = allAfter ? x : Shaping.Transposed(x, order);
        var result = NdArray.Of(rows.Shape, rows.Data.Chunk(Math.Max(1, size)).SelectMany(normalize), x.Type);
        return allAfter ? result : Shaping.Transposed(result, [.. Enumerable.Range(0, x.Rank).Select(i => Array.IndexOf(order, i))]);
    }
}
