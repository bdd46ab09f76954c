namespace Lowbit.Data;

/// <summary>
/// Random numbers that follow from a few integers, the same on every machine and in every version of .NET: SplitMix64, started from the hash of
/// those integers. Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators".
/// </summary>
struct SeededRandom
{
    ulong state;

    public SeededRandom(params ReadOnlySpan<long> keys)
    {
        foreach (long key in keys) state = Mix(state + (ulong)key + Increment);
    }

    const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)Math.BigMul(NextBits() >> 32 << 32, (ulong)bound, out _);

    /// <summary>A number from 0 to 1, without 1.</summary>
    public double NextFraction() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts items into a random order. Fisher and Yates.</summary>
    public void Shuffle(Span<int> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    ulong NextBits() => Mix(state += Increment);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
