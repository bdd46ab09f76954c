using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Quantization;
using static TorchSharp.torch;

namespace Lowbit.Cli.Reports;

/// <summary>
/// The weights of a layer as they are stored, and the levels that they are rounded to. Both are in steps of the scale, so that channels of different scales can be counted
/// together; those of a float layer, which have no levels, are as they are.
/// </summary>
/// <param name="Name">The layer.</param>
/// <param name="Bits">Bits of the weights; null for a float layer.</param>
/// <param name="Start">Where the first bin begins.</param>
/// <param name="Width">How wide bins are.</param>
/// <param name="Counts">The weights in each bin.</param>
/// <param name="Levels">The levels; of many, only the lowest and the highest.</param>
sealed record WeightHistogram(string Name, int? Bits, double Start, double Width, IReadOnlyList<long> Counts, IReadOnlyList<int> Levels)
{
    const int FewestBins = 32, MostLevels = 17;

    public static WeightHistogram Of(Network network, IWeighted layer)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor stored = network.WeightsToRound(layer.Name);
        QuantizedTensor weights = network.WeightsOf(layer.Name);
        if (weights.Scale is { } scale) stored = stored / scale;
        float[] values = [.. stored.flatten().contiguous().data<float>().ToArray().Where(float.IsFinite)];   // a channel of zeros may have the scale 0
        double low = values.DefaultIfEmpty().Min(), high = values.DefaultIfEmpty().Max();
        // A power of two, so that levels lie on the edges of bins or in their middle.
        double width = high > low ? Math.Pow(2, Math.Floor(Math.Log2((high - low) / FewestBins))) : 1, start = Math.Floor(low / width) * width;
        long[] counts = new long[(int)((high - start) / width) + 1];
        foreach (float value in values) counts[(int)((value - start) / width)]++;
        return new(Printable.Short(layer.Name), layer.WeightQuantizer?.BitWidth, start, width, counts, LevelsOf(layer.WeightQuantizer, weights.ZeroPoint));
    }

    static int[] LevelsOf(WeightQuantizer? quantizer, Tensor? zeroPoint)
    {
        if (quantizer is null || zeroPoint is not null) return [];   // with zero points, every channel has levels of its own
        IntegerRange range = quantizer.Range;
        return range.IsBinary || range.High - range.Low >= MostLevels ? [range.Low, range.High] : [.. Enumerable.Range(range.Low, range.High - range.Low + 1)];
    }
}
