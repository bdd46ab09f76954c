using System.Collections.Concurrent;
using Lowbit.Configuration;
using Lowbit.Data;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Counts what lives in the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public class AloneCollection;

[Collection(nameof(AloneCollection))]
public class PrefetchingTests
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public void Threads_run_ahead_of_whoever_takes_but_not_further_than_three_each()
    {
        int made = 0;
        using var taken = Prefetching.InOrder(0, 100, workers: 2, (index, _) => new Thing(Interlocked.Increment(ref made))).GetEnumerator();
        Assert.True(taken.MoveNext());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == 1 + 2 * 3, Long));
        Thread.Sleep(50);
        Assert.Equal(1 + 2 * 3, Volatile.Read(ref made));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_was_made_and_not_taken_is_disposed_when_the_enumeration_is_left(int workers)
    {
        var made = new ConcurrentBag<Thing>();
        foreach (var thing in Prefetching.InOrder(0, 100, workers, (index, _) => Made(index)))
        {
            thing.Dispose();
            if (thing.Index == 10) break;
        }
        Assert.InRange(made.Count, 11, 11 + 3 * workers);
        Assert.All(made, thing => Assert.Equal(1, thing.TimesDisposed));

        Thing Made(int index)
        {
            var thing = new Thing(index);
            made.Add(thing);
            return thing;
        }
    }

    [Fact]
    public void Things_that_are_not_there_are_left_out_and_the_others_keep_their_order()
    {
        var made = Prefetching.InOrder(3, 20, workers: 3, (index, _) => index % 4 == 0 ? null : new Thing(index));
        Assert.Equal([3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19], made.Select(thing => thing.Index));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_thread_and_no_tensor_outlives_an_epoch_even_one_that_is_abandoned(bool abandoned)
    {
        var dataset = new Observed();
        using var splits = Datasets.Open(dataset, new DatasetOptions { NumWorkers = 3 });
        long before = TensorsThatStay();
        for (int epoch = 0; epoch < 5; epoch++)
            foreach (var batch in splits.TrainingLoader(8, seed: 1).Epoch(epoch))
            {
                batch.Dispose();
                if (abandoned && batch.Index == 4) break;
            }
        Assert.Equal(15, dataset.Readers.Count);
        Assert.All(dataset.Readers.Keys, thread => Assert.False(thread.IsAlive));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void No_thread_outlives_an_epoch_that_fails()
    {
        var dataset = new Observed { FailsAt = 100 };
        using var splits = Datasets.Open(dataset, new DatasetOptions { NumWorkers = 2 });
        long before = TensorsThatStay();
        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var batch in splits.EvaluationLoader(splits.Test, 8).Epoch(0)) batch.Dispose();
        });
        Assert.All(dataset.Readers.Keys, thread => Assert.False(thread.IsAlive));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_thread_that_hangs_keeps_nobody_from_cancelling_or_leaving_and_frees_what_it_makes_later(bool cancelled)
    {
        using var end = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var late = new Thing(1);
        var things = Prefetching.InOrder(0, 10, workers: 2, (index, _) => index == 1 ? Hang() : new Thing(index), cancel.Token).GetEnumerator();
        Assert.True(things.MoveNext());
        var clock = System.Diagnostics.Stopwatch.StartNew();
        if (cancelled)
        {
            cancel.CancelAfter(100);
            Assert.ThrowsAny<OperationCanceledException>(() => things.MoveNext());
        }
        things.Dispose();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        end.Set();
        Assert.True(SpinWait.SpinUntil(() => late.TimesDisposed == 1, Long));

        Thing Hang()
        {
            end.Wait(TimeSpan.FromMinutes(1));
            return late;
        }
    }

    static long TensorsThatStay()
    {
        // What earlier tests left to the garbage collector must go now, not while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    sealed class Thing(int index) : IDisposable
    {
        public int Index => index;

        public int TimesDisposed { get; private set; }

        public void Dispose() => TimesDisposed++;
    }

    /// <summary>Black images that remember who read them.</summary>
    sealed class Observed : IDataset, IImageSource
    {
        public ConcurrentDictionary<Thread, bool> Readers { get; } = new();

        public int? FailsAt { get; init; }

        public string Name => "observed";

        public int Count => 400;

        public DatasetInfo Describe(DatasetOptions options) => new(Name, 3, 8, 8, ["only"], [0, 0, 0], [1, 1, 1]);

        public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel) =>
            new(this, this);

        public int Label(int index) => 0;

        public void Read(int index, Span<byte> image, RandomStream? augmentation = null)
        {
            Readers[Thread.CurrentThread] = true;
            if (index == FailsAt) throw new InvalidOperationException();
            image.Clear();
        }
    }
}
