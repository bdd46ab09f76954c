using Lowbit.Data;
using static TorchSharp.torch;

namespace Lowbit.Inference;

/// <summary>Runs a network on image files, the next ones being read while it computes.</summary>
public static class Predictions
{
    /// <summary>Images at a time, and their values.</summary>
    const int LargestBatch = 32, LargestValues = 1 << 24;

    /// <summary>As many files are read at a time as bound the memory that the largest ones take.</summary>
    static readonly int Readers = Math.Min(4, Environment.ProcessorCount);

    /// <summary>What a network makes of files, in their order. A file that cannot be read has a problem in the place of probabilities.</summary>
    /// <param name="classifier">The network.</param>
    /// <param name="files">Image files.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="LowbitException">The network cannot be run on images.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static IEnumerable<Prediction> Of(Classifier classifier, IReadOnlyList<string> files, CancellationToken cancel = default)
    {
        if (files.Count == 0) yield break;
        string[][] batches = [.. files.Chunk((int)Math.Clamp(LargestValues / classifier.Preparation.Input.Elements, 1, LargestBatch))];
        Task<ReadImage[]> next = ReadAsync(classifier.Preparation, batches[0], cancel);
        for (int i = 0; i < batches.Length; i++)
        {
            ReadImage[] images = next.WaitAsync(cancel).GetAwaiter().GetResult();
            if (i + 1 < batches.Length) next = ReadAsync(classifier.Preparation, batches[i + 1], cancel);
            foreach (Prediction prediction in Of(classifier, images)) yield return prediction;
        }
    }

    static Prediction[] Of(Classifier classifier, ReadImage[] images)
    {
        byte[][] read = [.. images.Where(image => image.Problem is null).Select(image => image.Pixels)];
        double[][] probabilities = read.Length == 0 ? [] : Probabilities(classifier, read);
        int at = 0;
        return [.. images.Select(image => new Prediction(image.File, image.Problem is null ? probabilities[at++] : [], image.Problem))];
    }

    static double[][] Probabilities(Classifier classifier, byte[][] read)
    {
        using var scope = NewDisposeScope();
        var (channels, height, width) = (classifier.Preparation.Input.Channels, classifier.Preparation.Input.Height, classifier.Preparation.Input.Width);
        byte[] pixels = new byte[read.Length * read[0].Length];
        for (int i = 0; i < read.Length; i++) read[i].CopyTo(pixels, i * read[0].Length);
        Tensor images = tensor(pixels, [read.Length, height, width, channels], dtype: uint8).permute(0, 3, 1, 2);
        double[] all = classifier.Probabilities(images).contiguous().data<double>().ToArray();
        return [.. all.Chunk(all.Length / read.Length)];
    }

    static Task<ReadImage[]> ReadAsync(ImagePreparation preparation, string[] files, CancellationToken cancel) => Task.Run(() =>
    {
        var images = new ReadImage[files.Length];
        Parallel.For(0, files.Length, new() { MaxDegreeOfParallelism = Readers, CancellationToken = cancel }, i => images[i] = Read(preparation, files[i]));
        return images;
    }, cancel);

    static ReadImage Read(ImagePreparation preparation, string file)
    {
        byte[] pixels = new byte[preparation.Input.Elements];
        try
        {
            preparation.Read(file, pixels);
            return new(file, pixels, null);
        }
        catch (CorruptImageException problem)
        {
            return new(file, [], problem.Message);
        }
    }

    readonly record struct ReadImage(string File, byte[] Pixels, string? Problem);
}
