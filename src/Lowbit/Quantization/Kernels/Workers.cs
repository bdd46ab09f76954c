namespace Lowbit.Quantization.Kernels;

/// <summary>Splits the work of a kernel among the cores.</summary>
static class Workers
{
    /// <summary>Below this many values, a second thread costs more than it brings.</summary>
    const long WorthAThread = 16_384;

    /// <summary>A part of a kernel's work: which values, and the number of the part.</summary>
    public delegate void Part(long first, long count, int part);

    /// <summary>How many parts <paramref name="count"/> values are split into.</summary>
    public static int PartsFor(long count) => (int)Math.Clamp(count / WorthAThread, 1, TorchSharp.torch.get_num_threads());

    /// <summary>Runs all parts, at multiples of <paramref name="granule"/> values.</summary>
    public static void Run(long count, long granule, int parts, Part work)
    {
        long granules = (count + granule - 1) / granule;
        if (parts == 1)
        {
            work(0, count, 0);
            return;
        }
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part =>
        {
            long first = granules * part / parts * granule, end = Math.Min(count, granules * (part + 1) / parts * granule);
            if (end > first) work(first, end - first, part);
        });
    }
}
