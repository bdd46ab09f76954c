using static TorchSharp.torch;

namespace Lowbit.Training.Health;

/// <summary>The integers of each layer's weights after the last two epochs.</summary>
sealed class IntegerHistory : IDisposable
{
    readonly Dictionary<string, (Tensor Last, Tensor? Before)> known = [];

    /// <summary>Takes in a layer's integers, and tells which share of them changed and which share is back where it was two epochs ago.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="integers">Its integers, of any number type.</param>
    /// <returns>Null for what the epochs so far do not tell.</returns>
    public (double? Changed, double? Flipped) Add(string layer, Tensor integers)
    {
        using var scope = NewDisposeScope();
        Tensor now = integers.to(int32).to(uint8).DetachFromDisposeScope();   // what is below 0 wraps around, and stays different from all else
        var (last, before) = known.TryGetValue(layer, out var kept) ? kept : default((Tensor?, Tensor?));
        known[layer] = (now, last);
        if (last is null) return (null, null);
        Tensor changed = now.ne(last);
        double? flipped = before is null ? null : Share(now.eq(before).logical_and_(changed));
        before?.Dispose();
        return (Share(changed), flipped);
    }

    static double Share(Tensor isSo) => (double)isSo.sum().item<long>() / isSo.numel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (last, before) in known.Values)
        {
            last.Dispose();
            before?.Dispose();
        }
    }
}
