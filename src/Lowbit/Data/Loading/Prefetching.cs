namespace Lowbit.Data;

/// <summary>Makes things ahead of those who take them.</summary>
static class Prefetching
{
    /// <summary>
    /// Makes things number <paramref name="first"/> to <paramref name="end"/> - 1 on as many threads, or where there are none when each is
    /// asked for, and gives them in their order without those that are null. Leaving the enumeration ends the threads; one that does not end soon is left alone, and frees what it makes.
    /// </summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public static IEnumerable<T> InOrder<T>(
        int first, int end, int workers, Func<int, CancellationToken, T?> make, CancellationToken cancel = default)
        where T : class, IDisposable
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var lanes = new List<PrefetchWorker<T>>();
        try
        {
            for (int lane = 0; lane < Math.Min(workers, end - first); lane++) lanes.Add(new(first + lane, end, workers, make, stop.Token));
            for (int index = first; index < end; index++)
                if ((workers == 0 ? make(index, stop.Token) : lanes[(index - first) % workers].Take(cancel)) is { } made)
                    yield return made;
        }
        finally
        {
            stop.Cancel();
            foreach (var lane in lanes) lane.Dispose();
        }
    }
}
