namespace Lowbit.Quantization.Kernels;

/// <summary>Splits weights, whose output channels lie one after the other in memory, among the cores.</summary>
static class WeightChannels
{
    /// <summary>The work of one channel, or of a whole tensor: the place of its first weight, their number, and which channel it is.</summary>
    public delegate void Work(long at, long count, int channel);

    /// <summary>Runs the work of all channels.</summary>
    /// <param name="weights">Weights in all.</param>
    /// <param name="channels">Output channels; 1 where the tensor is worked on as a whole.</param>
    /// <param name="work">What to do.</param>
    public static void ForEach(long weights, int channels, Work work)
    {
        long count = weights / channels;
        Workers.Run(channels, 1, Math.Min(channels, Workers.PartsFor(weights)), (first, length, _) =>
        {
            for (long channel = first; channel < first + length; channel++) work(channel * count, count, (int)channel);
        });
    }
}
