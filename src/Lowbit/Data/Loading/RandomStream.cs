namespace Lowbit.Data;

/// <summary>
/// Random numbers that follow from a key alone, so that any thread can draw for any image of any epoch with nothing passed between them.
/// A counter goes through the finalizer of SplitMix64: Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators".
/// </summary>
public sealed class RandomStream
{
    const ulong Step = 0x9E3779B97F4A7C15;

    ulong counter;

    /// <summary>The stream of a key: equal keys give equal numbers, all others give independent ones.</summary>
    public RandomStream(params ReadOnlySpan<long> key)
    {
        foreach (long part in key) counter = Mix(counter + Step + (ulong)part);
    }

    /// <summary>A whole number from 0 up to, not including, <paramref name="end"/>.</summary>
    public int Next(int end) => (int)Math.BigMul(NextBits(), (ulong)end, out _);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>True half of the time.</summary>
    public bool NextBool() => (NextBits() >> 63) != 0;

    /// <summary>Whether the image that this stream is for is to be mirrored: half of the time or, with <c>dataset.alternating_flip</c>, in every other epoch.</summary>
    public bool NextFlip()
    {
        bool random = NextBool();   // drawn in either case, so that what follows stays the same
        return Flip ?? random;
    }

    /// <summary>Whether the image is mirrored, where that is not left to chance.</summary>
    internal bool? Flip { get; init; }

    /// <summary>Brings items into a random order, every order as likely as every other.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    ulong NextBits() => Mix(counter += Step);

    static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
