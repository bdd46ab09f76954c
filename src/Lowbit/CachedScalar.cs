using System.Collections.Concurrent;
using TorchSharp;

namespace Lowbit;

/// <summary>
/// Numbers as torch's operations take them, each made once and kept. TorchSharp converts a number for every operation anew and holds on to it no longer than
/// until the operation begins: a garbage collection that another thread causes then frees it while it is read. BannedSymbols.txt therefore refuses its
/// conversions, and what converts inside. A number that changes from step to step is not for here: it is converted by ToScalar and disposed.
/// </summary>
public static class CachedScalar
{
    static readonly ConcurrentDictionary<double, Scalar> Reals = [];
    static readonly ConcurrentDictionary<long, Scalar> Integers = [];

    /// <summary>A number that makes what an operation computes from integers floating point.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, real => real.ToScalar());

    /// <summary>A number that leaves what an operation computes in the tensor's type.</summary>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, integer => integer.ToScalar());
}
