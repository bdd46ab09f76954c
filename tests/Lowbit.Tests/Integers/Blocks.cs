using Lowbit.Graphs;

namespace Lowbit.Tests.Integers;

/// <summary>Every kind of block that a network of integers can have, small.</summary>
static class Blocks
{
    static readonly Dictionary<string, Func<GraphBuilder, Bits, GraphBuilder>> All = new()
    {
        ["conv, norm, relu"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["conv, norm"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed),
        ["conv with a float bias"] = (x, bits) => x.Conv(6, 3, bias: true, weights: bits.Weights).Quantize(bits.Signed),
        ["conv with a bias of 8 bits"] = (x, bits) => x.Conv(6, 3, bias: true, weights: bits.Weights, biasBitWidth: 8).Relu().Quantize(bits.Unsigned),
        ["conv alone"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).Quantize(bits.Signed),
        ["strided conv without padding"] = (x, bits) => x.Conv(5, 3, stride: 2, padding: 0, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["depthwise, then pointwise"] = (x, bits) => x
            .Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned)
            .Conv(6, 3, groups: 6, weights: bits.Weights).BatchNorm().Quantize(bits.Signed)
            .Conv(4, 1, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["a scale for each channel before a depthwise conv"] = (x, bits) => x
            .Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned with { PerChannel = true }).MaxPool(2)
            .Conv(6, 3, groups: 6, weights: bits.Weights).BatchNorm().Quantize(bits.Signed),
        ["groups"] = (x, bits) => x
            .Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned)
            .Conv(4, 3, groups: 2, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["max pool of integers"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned).MaxPool(3, stride: 2, padding: 1),
        ["max pool before the quantizer"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().MaxPool(2).Relu().Quantize(bits.Unsigned),
        ["truncating pool"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned).AveragePool(4, outputBitWidth: 3),
        ["truncating pool of signed values"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed).AveragePool(3, outputBitWidth: 2),
        ["truncating pool, then conv"] = (x, bits) => x
            .Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned).AveragePool(3, outputBitWidth: 4)
            .Conv(4, 1, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["relu and norm in turn"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Relu().BatchNorm().Quantize(bits.Signed),
        ["add of rectified branches"] = (x, bits) => Residual(x, bits.Unsigned, bits.Unsigned, bits, relu: true),
        ["add of a signed branch and an unsigned stream"] = (x, bits) => Residual(x, bits.Unsigned, bits.Signed, bits, relu: true),
        ["add of signed values"] = (x, bits) => Residual(x, bits.Signed, bits.Signed, bits, relu: false),
        ["stream of 8 bits that is quantized again"] = (x, bits) => Stream(x, bits),
        ["quantizer after a quantizer"] = (x, bits) => x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed with { BitWidth = 8 }).Quantize(bits.Signed),
        ["conv of a rectified sum"] = (x, bits) => Sum(x, bits).Relu().Conv(4, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed),
        ["linear, norm, relu"] = (x, bits) => x.Conv(3, 3, stride: 2, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned)
            .Flatten().Linear(9, bias: false, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned),
        ["flattened before the quantizer"] = (x, bits) => x.Conv(3, 3, stride: 2, weights: bits.Weights).BatchNorm().Relu().Flatten().Quantize(bits.Unsigned),
        ["flattened, norm, quantizer"] = (x, bits) => x.Conv(3, 3, stride: 2, weights: bits.Weights).BatchNorm().Relu().Quantize(bits.Unsigned with { BitWidth = 8 })
            .Flatten().BatchNorm().Quantize(bits.Signed),
        ["constant scales"] = (x, bits) => x.Conv(6, 3, weights: new(bits.Width, WeightScale.BnnPynq)).BatchNorm().Quantize(new(bits.Width, Signed: true, ActivationScale.Constant)),
        ["constant scales without a norm"] = (x, bits) => x.Conv(6, 3, weights: new(bits.Width, WeightScale.Constant)).Quantize(new(bits.Width, Signed: true, ActivationScale.Constant)),
        ["powers of two, everywhere a tie"] = (x, bits) => x
            .Conv(6, 3, weights: bits.Weights with { Scale = WeightScale.PowerOfTwo }).Quantize(bits.Signed with { Scale = ActivationScale.PowerOfTwo, BitWidth = 8 })
            .Quantize(bits.Signed with { Scale = ActivationScale.PowerOfTwo }),
    };

    public static IEnumerable<string> Kinds => All.Keys;

    /// <summary>A network with such a block between a quantized image of 3 x 9 x 9 and a linear layer.</summary>
    public static Graph Network(string kind, int bits, bool perChannel) =>
        All[kind](Images(8), new(bits, perChannel)).Linear(5, weights: new(bits, WeightsScale(bits), perChannel), biasBitWidth: 32).ToGraph();

    /// <summary>Layers of different bits: 8, 1, 2, 4, 3, after an image of 6 bits, with a tensor norm after the last.</summary>
    public static Graph Mixed(bool perChannel)
    {
        var x = Images(6);
        foreach (int bits in new[] { 8, 1, 2, 4, 3 }) x = All["conv, norm, relu"](x, new(bits, perChannel));
        return x.AveragePool(9, outputBitWidth: 8).Linear(5, bias: false, weights: new(7, WeightScale.MaxAbs, perChannel)).TensorNorm().ToGraph();
    }

    static GraphBuilder Images(int bits) => new GraphBuilder(new Shape(3, 9, 9)).Normalize([120, 110, 100], [60, 65, 70]).Quantize(new(bits, Signed: true, CollectStatisticsSteps: 2), name: "images");

    static GraphBuilder Residual(GraphBuilder x, ActivationQuantizer stream, ActivationQuantizer branch, Bits bits, bool relu)
    {
        x = x.Conv(6, 3, weights: bits.Weights).BatchNorm();
        x = (stream.Signed ? x : x.Relu()).Quantize(stream, name: "stream");
        var y = x.Conv(6, 3, weights: bits.Weights).BatchNorm();
        y = (branch.Signed ? y : y.Relu()).Quantize(branch, sharedWith: "stream").Add(x);
        return relu ? y.Relu().Quantize(bits.Unsigned) : y.Quantize(bits.Signed);
    }

    static GraphBuilder Sum(GraphBuilder x, Bits bits)
    {
        x = x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed, name: "stream");
        return x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed, sharedWith: "stream").Add(x);
    }

    static GraphBuilder Stream(GraphBuilder x, Bits bits)
    {
        x = x.Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed with { BitWidth = 8 }, name: "stream");
        var y = x.Relu().Quantize(bits.Unsigned).Conv(6, 3, weights: bits.Weights).BatchNorm().Quantize(bits.Signed with { BitWidth = 8 }, sharedWith: "stream");
        return y.Add(x).Relu().Quantize(bits.Unsigned);
    }

    static WeightScale WeightsScale(int bits) => bits == 1 ? WeightScale.MeanAbs : WeightScale.MaxAbs;

    sealed record Bits(int Width, bool PerChannel)
    {
        public WeightQuantizer Weights => new(Width, WeightsScale(Width), PerChannel);

        public ActivationQuantizer Unsigned => new(Width, CollectStatisticsSteps: 2, Percentile: Width < 4 ? 95 : 99.9);

        public ActivationQuantizer Signed => Unsigned with { Signed = true };
    }
}
