using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Writing;

/// <summary>The weights of a layer: before they are rounded, and as integers times a scale.</summary>
/// <param name="Stored">What the quantizer takes.</param>
/// <param name="Scale">One value (shape []), or one for each output channel ([O, 1, ...]).</param>
/// <param name="ZeroPoint">The integers that mean 0, in the shape of the scale; null for 0.</param>
/// <param name="Integers">What the quantizer makes of the stored weights.</param>
/// <param name="Quantizer">The quantizer.</param>
sealed record WeightTensor(FloatTensor Stored, FloatTensor Scale, FloatTensor? ZeroPoint, int[] Integers, WeightQuantizer Quantizer)
{
    /// <summary>Reads the quantized weights of a layer.</summary>
    public static WeightTensor Of(Network network, IWeighted layer)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = network.WeightsOf(layer.Name);
        Tensor levels = (weights.Value.to(float64) / weights.Scale!.to(float64)).round();
        if (weights.ZeroPoint is not null) levels = levels.add(weights.ZeroPoint, alpha: CachedScalar.Of(1));
        return new(
            FloatTensor.Of(network.WeightsToRound(layer.Name)), FloatTensor.Of(weights.Scale), weights.ZeroPoint is { } zero ? FloatTensor.Of(zero) : null,
            levels.to(int32).contiguous().data<int>().ToArray(), layer.WeightQuantizer!);
    }

    /// <summary>The value of each weight after the quantizer.</summary>
    public float[] Quantized() => [.. Integers.Select((integer, i) => (float)(ScaleAt(i) * (integer - ZeroPointAt(i))))];

    /// <summary>
    /// The stored weights, but for those so near to a tie that division in double precision would round them to another integer than the
    /// network's did in single precision: they become what the network's integer means, which every reader rounds alike.
    /// </summary>
    public float[] StoredFarFromTies()
    {
        var (low, high, isBinary) = Quantizer.Range;
        if (isBinary) return Stored.Values;
        float[] quantized = Quantized();
        return [.. Stored.Values.Select((weight, i) => IntegerOf(weight, i) == Integers[i] ? weight : quantized[i])];

        double IntegerOf(float weight, int i) => Math.Clamp(Math.Round((double)weight / ScaleAt(i) + ZeroPointAt(i)), low, high);
    }

    double ScaleAt(int i) => Scale.Values[ChannelAt(i)];

    double ZeroPointAt(int i) => ZeroPoint is { } zero ? zero.Values[ChannelAt(i)] : 0;

    int ChannelAt(int i) => (int)(i / (Integers.Length / (long)Scale.Values.Length));
}
