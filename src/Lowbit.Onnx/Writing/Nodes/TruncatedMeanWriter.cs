using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>
/// The mean in integers: S the sum over a k x k window of an input of scale s, n bits of it dropped, y = floor(S / 2^n) * 2^n * s / k^2.
/// </summary>
static class TruncatedMeanWriter
{
    /// <summary>AveragePool, then Trunc of version 2, which takes the output's scale.</summary>
    public static string WriteVersion2(WrittenNetwork network, AveragePool pool, string domain)
    {
        var mean = TruncatedMean.Of(network, pool);
        var file = network.File;
        return file.Node("Trunc", pool.Name,
            [
                AveragePoolWriter.Write(network, pool, $"{pool.Name}.mean"),
                file.Floats($"{pool.Name}.scale", mean.Scaled(1.0 / mean.Dropped), mean.Scale.Shape),
                file.Scalar($"{pool.Name}.zero_point", 0),
                file.Scalar($"{pool.Name}.in_bit_width", mean.SumBitWidth),
                file.Floats($"{pool.Name}.out_scale", mean.Scale.Values, mean.Scale.Shape),
                file.Scalar($"{pool.Name}.out_bit_width", mean.BitWidth),
            ],
            [("narrow", 0), ("rounding_mode", "FLOOR"), ("signed", mean.IsSigned ? 1 : 0)], domain);
    }

    /// <summary>AveragePool, Mul to the sum, then Trunc of version 1, which keeps the sum's scale, and Mul to the mean.</summary>
    public static string WriteVersion1(WrittenNetwork network, AveragePool pool, string domain)
    {
        var mean = TruncatedMean.Of(network, pool);
        var file = network.File;
        string sum = file.Node("Mul", $"{pool.Name}.sum",
            [AveragePoolWriter.Write(network, pool, $"{pool.Name}.mean"), file.Scalar($"{pool.Name}.area", mean.Area)]);
        string truncated = file.Node("Trunc", $"{pool.Name}.truncated",
            [
                sum,
                file.Floats($"{pool.Name}.scale", mean.Scaled((double)mean.Area / mean.Dropped), mean.Scale.Shape),
                file.Scalar($"{pool.Name}.zero_point", 0),
                file.Scalar($"{pool.Name}.in_bit_width", mean.SumBitWidth),
                file.Scalar($"{pool.Name}.out_bit_width", mean.BitWidth),
            ],
            [("rounding_mode", "FLOOR")], domain);
        return file.Node("Mul", pool.Name, [truncated, file.Scalar($"{pool.Name}.factor", (double)mean.Dropped / mean.Area)]);
    }

    /// <summary>A depthwise convolution whose weights are all 1 / k^2, then a Quant that rounds down.</summary>
    public static string WriteConvolution(WrittenNetwork network, AveragePool pool, string domain)
    {
        var mean = TruncatedMean.Of(network, pool);
        var file = network.File;
        int channels = network.Graph.ShapeOf(pool.From).Channels, k = pool.Kernel;
        float[] weights = new float[channels * k * k];
        Array.Fill(weights, (float)(1.0 / mean.Area));
        string exact = file.Node("Conv", $"{pool.Name}.mean",
            [network[pool.From], file.Floats($"{pool.Name}.weight", weights, channels, 1, k, k)], ConvWriter.Attributes(k, k, 0, channels));
        return file.Node("Quant", pool.Name,
            [
                exact,
                file.Floats($"{pool.Name}.scale", mean.Scale.Values, mean.Scale.Shape),
                file.Scalar($"{pool.Name}.zero_point", 0),
                file.Scalar($"{pool.Name}.bit_width", mean.BitWidth),
            ],
            [("narrow", 0), ("rounding_mode", "FLOOR"), ("signed", mean.IsSigned ? 1 : 0)], domain);
    }

    /// <summary>In standard operators: AveragePool, Mul and Round to the integer sum, Mul and Floor to what is left of it, Mul to the mean.</summary>
    public static string WriteStandard(WrittenNetwork network, AveragePool pool)
    {
        var mean = TruncatedMean.Of(network, pool);
        var file = network.File;
        float[] toSum = [.. mean.Scale.Values.Select(scale => (float)(mean.Dropped / (double)scale))];
        string name = pool.Name;
        string sum = file.Node("Mul", $"{name}.sum", [AveragePoolWriter.Write(network, pool, $"{name}.mean"), file.Floats($"{name}.to_sum", toSum, mean.Scale.Shape)]);
        string rounded = file.Node("Round", $"{name}.rounded", [sum]);
        string shifted = file.Node("Mul", $"{name}.shifted", [rounded, file.Scalar($"{name}.shift", 1.0 / mean.Dropped)]);
        string floor = file.Node("Floor", $"{name}.floor", [shifted]);
        var range = mean.IsSigned ? IntegerRange.Signed(mean.BitWidth) : IntegerRange.Unsigned(mean.BitWidth);
        string clipped = file.Node("Clip", $"{name}.clipped", [floor, file.Scalar($"{name}.low", range.Low), file.Scalar($"{name}.high", range.High)]);
        return file.Node("Mul", name, [clipped, file.Floats($"{name}.scale", mean.Scale.Values, mean.Scale.Shape)]);
    }
}
