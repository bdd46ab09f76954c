using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Integers;

/// <summary>Finds where functions of integers step, channel by channel: each only rises or only falls, so that every step is found by bisection.</summary>
/// <param name="evaluate">The functions, at once: [rows, channels] integers to as many outputs.</param>
/// <param name="ranges">What each channel's integers can be; there is nothing to find outside.</param>
sealed class StepSearch(Func<double[], int[]> evaluate, IReadOnlyList<Interval> ranges)
{
    readonly int channels = ranges.Count;

    /// <summary>Each channel's function over its range, exactly.</summary>
    public Thresholds[] Find()
    {
        int[] first = evaluate([.. ranges.Select(range => (double)range.Low)]), last = evaluate([.. ranges.Select(range => (double)range.High)]);
        int rows = Enumerable.Range(0, channels).Max(channel => Steps(channel));
        long[] below = [.. Enumerable.Range(0, rows * channels).Select(i => (long)ranges[i % channels].Low)];
        long[] reached = [.. Enumerable.Range(0, rows * channels).Select(i => IsSought(i) ? ranges[i % channels].High : (long)ranges[i % channels].Low)];
        double[] middle = new double[rows * channels];
        while (Narrow())
        {
            int[] outputs = evaluate(middle);
            for (int i = 0; i < middle.Length; i++)
            {
                if (Math.Abs(outputs[i] - first[i % channels]) > i / channels) reached[i] = (long)middle[i];
                else below[i] = (long)middle[i];
            }
        }
        return [.. Enumerable.Range(0, channels).Select(channel => new Thresholds(channel, first[channel], last[channel] < first[channel],
            [.. Enumerable.Range(0, Steps(channel)).Select(row => (int)reached[row * channels + channel])]))];

        int Steps(int channel) => Math.Abs(last[channel] - first[channel]);

        bool IsSought(int i) => i / channels < Steps(i % channels);

        bool Narrow()
        {
            bool open = false;
            for (int i = 0; i < middle.Length; i++)
            {
                bool isOpen = reached[i] - below[i] > 1;
                middle[i] = isOpen ? below[i] + (reached[i] - below[i]) / 2 : reached[i];
                open |= isOpen;
            }
            return open;
        }
    }
}
