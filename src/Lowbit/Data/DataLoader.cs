using static TorchSharp.torch;

namespace Lowbit.Data;

/// <summary>
/// Brings images in batches, prepared ahead by worker threads. What a batch holds follows from the seed, the epoch and the batch's index
/// alone, whatever the number of workers.
/// </summary>
public sealed class DataLoader
{
    readonly IImageSource source;
    readonly DatasetInfo info;
    readonly int batchSize;
    readonly int workers;
    readonly int? shuffleSeed;
    readonly Augmentation? augmentation;

    /// <param name="source">The images.</param>
    /// <param name="info">Their shape.</param>
    /// <param name="batchSize">Images in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="workers">Threads that prepare batches; 0 prepares each when it is asked for.</param>
    /// <param name="shuffleSeed">What the order of the images follows from; null keeps theirs.</param>
    /// <param name="augmentation">How images are changed; null leaves them.</param>
    internal DataLoader(IImageSource source, DatasetInfo info, int batchSize, int workers, int? shuffleSeed = null, Augmentation? augmentation = null) =>
        (this.source, this.info, this.batchSize, this.workers, this.shuffleSeed, this.augmentation) =
        (source, info, batchSize, workers, shuffleSeed, augmentation);

    /// <summary>Images of an epoch.</summary>
    public int Count => source.Count;

    /// <summary>Batches of an epoch.</summary>
    public int BatchCount => (Count + batchSize - 1) / batchSize;

    /// <summary>The batches of an epoch, from one of them on. Whoever stops early stops the workers.</summary>
    /// <exception cref="LowbitException">An image cannot be read.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0)
    {
        int[] order = Order(epoch);
        return workers == 0
            ? Enumerable.Range(firstBatch, Math.Max(0, BatchCount - firstBatch)).Select(index => Prepare(epoch, index, order))
            : PreparedAhead(epoch, firstBatch, order);
    }

    /// <summary>Keeps twice as many batches under way as there are workers, and hands them out in their order.</summary>
    IEnumerable<Batch> PreparedAhead(int epoch, int firstBatch, int[] order)
    {
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler;
        var underWay = new Queue<Task<Batch>>();
        using var stop = new CancellationTokenSource();
        try
        {
            for (int next = firstBatch, index = firstBatch; index < BatchCount; index++)
            {
                for (; next < BatchCount && underWay.Count < 2 * workers; next++)
                {
                    int started = next;
                    underWay.Enqueue(Task.Factory.StartNew(() => Prepare(epoch, started, order), stop.Token, TaskCreationOptions.None, scheduler));
                }
                yield return underWay.Dequeue().GetAwaiter().GetResult();
            }
        }
        finally
        {
            stop.Cancel();
            foreach (Task<Batch> unused in underWay) DisposeWhenDone(unused);
        }
    }

    static void DisposeWhenDone(Task<Batch> task)
    {
        try
        {
            task.GetAwaiter().GetResult().Dispose();
        }
        catch (Exception problem) when (problem is OperationCanceledException or LowbitException)
        {
            // Nobody asks for this batch any more.
        }
    }

    Batch Prepare(int epoch, int index, int[] order)
    {
        int first = index * batchSize, count = Math.Min(batchSize, Count - first);
        byte[] pixels = new byte[count * info.ImageBytes];
        long[] labels = new long[count];
        byte[] unmoved = new byte[info.ImageBytes];
        for (int i = 0; i < count; i++)
        {
            int image = order[first + i];
            Span<byte> place = pixels.AsSpan(i * info.ImageBytes, info.ImageBytes);
            labels[i] = source.Label(image);
            if (augmentation is null)
            {
                source.Read(image, place);
                continue;
            }
            var random = new SeededRandom(shuffleSeed ?? 0, epoch, first + i);
            source.Read(image, unmoved);
            augmentation.Apply(unmoved, place, ref random);
        }
        using Tensor rows = tensor(pixels, [count, info.Height, info.Width, info.Channels], dtype: uint8);
        return new(index, rows.permute(0, 3, 1, 2).DetachFromDisposeScope(), tensor(labels).DetachFromDisposeScope());
    }

    int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        if (shuffleSeed is { } seed) new SeededRandom(seed, epoch).Shuffle(order);
        return order;
    }
}
