using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing;

/// <summary>The numbers of an average pool in integers.</summary>
/// <param name="Area">Pixels of a window, k^2.</param>
/// <param name="Scale">The scale of the mean: input scale * 2^n / k^2, where n bits are dropped.</param>
/// <param name="SumBitWidth">Bits of the sum, its sign included.</param>
/// <param name="BitWidth">Bits of the mean, its sign included.</param>
/// <param name="IsSigned">Whether sums can be negative.</param>
readonly record struct TruncatedMean(int Area, FloatTensor Scale, int SumBitWidth, int BitWidth, bool IsSigned)
{
    /// <summary>2^n, which the sum is divided by.</summary>
    public int Dropped => 1 << (SumBitWidth - BitWidth);

    public static TruncatedMean Of(WrittenNetwork network, AveragePool pool)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var input = network.Graph.Integers.TypeOf(pool.From)
            ?? throw new LowbitException($"{pool.Name}: a mean of {pool.OutputBitWidth} bits needs a quantized input");
        // The network counts the bits of sums of magnitudes; a sign takes one more.
        int sign = input.TakesNegatives ? 1 : 0;
        return new(pool.Kernel * pool.Kernel, FloatTensor.Of(network.Network.ScaleOf(pool.Name)!),
            pool.SumBitWidth(input.BitWidth) + sign, pool.OutputBitWidth!.Value + sign, input.TakesNegatives);
    }

    /// <summary>The scale times a factor.</summary>
    public float[] Scaled(double factor) => [.. Scale.Values.Select(scale => (float)(scale * factor))];
}
