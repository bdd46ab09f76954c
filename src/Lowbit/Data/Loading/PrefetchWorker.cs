using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Lowbit.Data;

/// <summary>A thread that makes every so-many-th thing in order, and waits when a few of them lie ready.</summary>
sealed class PrefetchWorker<T> : IDisposable
    where T : class, IDisposable
{
    const int Ahead = 2;

    /// <summary>How long leaving waits for a thread. One that hangs in a file or in a decoder must not keep a process from ending.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly BlockingCollection<(T? Made, ExceptionDispatchInfo? Error)> ready = new(Ahead);
    readonly Func<int, CancellationToken, T?> make;
    readonly CancellationToken stop;
    readonly Thread thread;

    /// <summary>Starts the thread.</summary>
    public PrefetchWorker(int first, int end, int step, Func<int, CancellationToken, T?> make, CancellationToken stop)
    {
        (this.make, this.stop) = (make, stop);
        thread = new Thread(() => Run(first, end, step)) { IsBackground = true, Name = "Lowbit data" };
        thread.Start();
    }

    /// <summary>Waits for the next thing; throws what its making threw.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public T? Take(CancellationToken cancel)
    {
        var (made, error) = ready.Take(cancel);
        error?.Throw();
        return made;
    }

    /// <summary>
    /// Waits for the thread, which must have been told to stop, and disposes what nobody took. A thread that does not end goes on alone: it is
    /// in the background, and disposes what it makes.
    /// </summary>
    public void Dispose()
    {
        bool ended = thread.Join(Patience);
        while (ready.TryTake(out var left)) left.Made?.Dispose();
        if (ended) ready.Dispose();
    }

    void Run(int first, int end, int step)
    {
        for (int index = first; index < end; index += step)
        {
            var next = Make(index);
            if (!TryAdd(next)) return;
            if (next.Error is not null) return;
        }
    }

    bool TryAdd((T? Made, ExceptionDispatchInfo? Error) next)
    {
        try
        {
            stop.ThrowIfCancellationRequested();
            ready.Add(next, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            next.Made?.Dispose();
            return false;
        }
    }

    (T? Made, ExceptionDispatchInfo? Error) Make(int index)
    {
        try
        {
            return (make(index, stop), null);
        }
        catch (Exception error)
        {
            return (null, ExceptionDispatchInfo.Capture(error));
        }
    }
}
