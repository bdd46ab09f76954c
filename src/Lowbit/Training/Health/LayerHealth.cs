namespace Lowbit.Training;

/// <summary>What of a layer is quantized.</summary>
public enum QuantizedPart
{
    /// <summary>The weights of a convolution or linear layer.</summary>
    Weights,

    /// <summary>The values after a Quantize node, for some training images in evaluation mode.</summary>
    Activations,
}

/// <summary>How the integers of one quantized layer or activation are used at the end of an epoch. Shares are 0 to 1.</summary>
/// <param name="Node">The convolution, linear layer or Quantize node.</param>
/// <param name="Part">What of it is measured.</param>
/// <param name="BitWidth">Bits of the integers.</param>
/// <param name="Scale">The scale; the mean of them where each channel has one.</param>
/// <param name="SmallestScale">The smallest of the scales.</param>
/// <param name="Clipped">The share of integers that are the highest or the lowest of the range, those that mean 0 left out; null for -1 and +1, which are nothing else.</param>
/// <param name="Zero">The share of integers that mean 0.</param>
/// <param name="Channels">Channels: of the output for weights.</param>
/// <param name="DeadChannels">Channels that are 0 throughout; of -1 and +1, activations that are one of the two throughout.</param>
public sealed record LayerHealth(
    string Node, QuantizedPart Part, int BitWidth, double Scale, double SmallestScale, double? Clipped, double Zero, int Channels, int DeadChannels)
{
    /// <summary>The share of weights whose integer is another than after the epoch before; null for activations, and in the first epoch of a run or a continuation.</summary>
    public double? Changed { get; init; }

    /// <summary>The share of weights whose integer changed in this epoch and in the one before, and is again what it was before both; null also in the second epoch.</summary>
    public double? Flipped { get; init; }
}
