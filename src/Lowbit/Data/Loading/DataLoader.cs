using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Lowbit.Configuration;
using static TorchSharp.torch;

namespace Lowbit.Data;

/// <summary>
/// Batches of images, epoch after epoch, prepared ahead by threads of its own. What a batch holds follows from the seed, the epoch and its
/// index alone, however many threads there are and wherever an epoch begins.
/// </summary>
public sealed class DataLoader
{
    // Keep the numbers that order an epoch apart from those that change its images.
    const long Order = 0, Augmentation = 1, FirstFlip = 2;

    readonly IImageSource source;
    readonly DatasetInfo info;
    readonly DatasetOptions options;
    readonly int batchSize;
    readonly int? seed;
    readonly ConcurrentDictionary<int, string> skipped = new();

    /// <summary>Batches for training by the seed, or for evaluation, in the images' own order and as they are, without one.</summary>
    internal DataLoader(IImageSource source, DatasetInfo info, DatasetOptions options, int batchSize, int? seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (Math.Min(batchSize, source.Count) * info.Shape.Elements > Array.MaxLength)
            throw new LowbitException($"a batch of {Math.Min(batchSize, source.Count)} images of {info.Shape} has more than the {Array.MaxLength} values that are possible; make training.batch_size or dataset.image_size smaller");
        (this.source, this.info, this.options, this.batchSize, this.seed) = (source, info, options, batchSize, seed);
    }

    /// <summary>Images in an epoch.</summary>
    public int Count => source.Count;

    /// <summary>
    /// Batches in an epoch. The last has what remains; in training, where one image remains, the last batch has that one more, because batch norms
    /// know no variance of one image.
    /// </summary>
    public int BatchCount => JoinsLast ? Count / batchSize : (Count + batchSize - 1) / batchSize;

    bool JoinsLast => seed is not null && Count > batchSize && batchSize > 1 && Count % batchSize == 1;

    /// <summary>Images in the batches from <paramref name="firstBatch"/> to the end of an epoch.</summary>
    public int ImagesFrom(int firstBatch) => firstBatch >= BatchCount ? 0 : Count - firstBatch * batchSize;

    /// <summary>Images that the current, or else the last, epoch has left out because they cannot be read.</summary>
    public int Skipped => skipped.Count;

    /// <summary>For each image left out, the sentence that names it and tells why.</summary>
    public IReadOnlyList<string> SkippedImages => [.. skipped.OrderBy(image => image.Key).Select(image => image.Value)];

    /// <summary>
    /// The batches of an epoch in order. Threads start with the enumeration and end with it, also where it is left early; what fails in
    /// them is thrown here. A batch of which no image can be read is left out, and in training one of which only one can be.
    /// </summary>
    /// <param name="epoch">Which epoch, from 0: what training images' order and changes follow from.</param>
    /// <param name="firstBatch">The batch to begin with, to go on with an epoch that was interrupted.</param>
    /// <param name="cancel">Ends the wait for a batch, however long an image takes.</param>
    /// <exception cref="CorruptImageException">An image cannot be read, and is not to be skipped.</exception>
    /// <exception cref="LowbitException">No batch of the epoch has images that can be read.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        int[] order = [.. Enumerable.Range(0, Count)];
        if (seed is { } key) new RandomStream(key, epoch, Order).Shuffle<int>(order);
        return Batches(epoch, order, firstBatch, cancel);
    }

    IEnumerable<Batch> Batches(int epoch, int[] order, int firstBatch, CancellationToken cancel)
    {
        skipped.Clear();
        bool any = firstBatch > 0;
        var batches = Prefetching.InOrder(firstBatch, BatchCount, options.NumWorkers, (index, stop) => Read(epoch, index, order, stop), cancel);
        foreach (var batch in batches)
        {
            any = true;
            yield return batch;
        }
        if (any) yield break;
        string what = Skipped == Count ? $"None of {Count} images can be read" : $"Of {Count} images {Count - Skipped} can be read, and no batch has two that can";
        throw new LowbitException(what + (SkippedImages is [var first, ..] ? $": {first}" : ""));
    }

    Batch? Read(int epoch, int index, int[] order, CancellationToken cancel)
    {
        int begin = index * batchSize, length = index == BatchCount - 1 ? Count - begin : batchSize, size = (int)info.Shape.Elements;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(length * size);
        var labels = new long[length];
        int read = 0;
        for (int position = begin; position < begin + length; position++)
        {
            cancel.ThrowIfCancellationRequested();
            var random = seed is { } key && options.Augment ? new RandomStream(key, epoch, Augmentation, position) { Flip = FlipOf(order[position], epoch, key) } : null;
            if (!TryRead(order[position], pixels.AsSpan(read * size, size), random)) continue;
            labels[read++] = source.Label(order[position]);
        }
        bool isTooSmall = read == 0 || (read == 1 && length > 1 && seed is not null);
        var batch = isTooSmall ? null : ToBatch(index, pixels.AsSpan(0, read * size), labels.AsSpan(0, read));
        ArrayPool<byte>.Shared.Return(pixels);
        return batch;
    }

    /// <summary>Whether an image is mirrored: at random in the first epoch, and then in turn; null where it is at random in every one.</summary>
    bool? FlipOf(int image, int epoch, int key) => options.AlternatingFlip ? new RandomStream(key, FirstFlip, image).NextBool() ^ (epoch % 2 == 1) : null;

    bool TryRead(int image, Span<byte> pixels, RandomStream? random)
    {
        try
        {
            source.Read(image, pixels, random);
            return true;
        }
        catch (CorruptImageException error) when (options.Corrupt == CorruptImages.Skip)
        {
            skipped.TryAdd(image, error.Message);
            return false;
        }
    }

    Batch ToBatch(int index, ReadOnlySpan<byte> pixels, ReadOnlySpan<long> labels)
    {
        using var scope = NewDisposeScope();
        var images = empty([labels.Length, info.Height, info.Width, info.Channels], ScalarType.Byte);
        pixels.CopyTo(images.bytes);
        var classes = empty([labels.Length], ScalarType.Int64);
        MemoryMarshal.AsBytes(labels).CopyTo(classes.bytes);
        return new Batch(index, images.permute(0, 3, 1, 2).DetachFromDisposeScope(), classes.DetachFromDisposeScope());
    }
}
