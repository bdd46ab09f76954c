namespace Lowbit.Data;

/// <summary>Waits for work only so long.</summary>
static class TimeLimit
{
    /// <summary>Does work on another thread, and gives up waiting for it at the limit; the work itself is left to end when it will.</summary>
    /// <exception cref="TimeoutException">The limit has passed.</exception>
    public static T Run<T>(Func<T> work, TimeSpan limit)
    {
        // The clock starts with the work: it may have to wait for a thread.
        using var begun = new ManualResetEventSlim();
        var task = Task.Run(() =>
        {
            begun.Set();
            return work();
        });
        begun.Wait();
        return Task.WaitAny([task], limit) == 0
            ? task.GetAwaiter().GetResult()
            : throw new TimeoutException($"it took more than {limit.TotalSeconds} seconds");
    }
}
