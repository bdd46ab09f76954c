namespace Lowbit.Export;

/// <summary>What running an exported file on images showed: its logits are the network's.</summary>
/// <param name="Images">Images that it ran on.</param>
/// <param name="Difference">
/// The largest difference between the file's logits, by the interpreter, and the network's, both in double precision, as a fraction of the largest logit.
/// </param>
/// <param name="Runs">The same file or network in single precision, against the network in double precision.</param>
public sealed record ExportReport(int Images, double Difference, IReadOnlyList<SinglePrecisionRun> Runs)
{
    /// <summary>
    /// Whether the network has an integer form: then this has the network's integers, in double precision, at every node, and the file has its logits, on every image.
    /// </summary>
    public bool InIntegers { get; init; }

    /// <summary>
    /// Images more whose logits in double precision come out where one value that lies at a rounding tie is rounded the other way: the format
    /// <see cref="ExportFormat.Elementary"/> has weights that are rounded to float32. 0 for formats that write weights as integers.
    /// </summary>
    public int Ties { get; init; }

    /// <summary>What a folded file's integers are beside the integer network's; null for files that give the network's integers exactly.</summary>
    public IntegerCounts? Folded { get; init; }

    /// <summary>The accuracy of a folded file beside the network's; null where it was not compared.</summary>
    public FileAccuracy? Accuracy { get; init; }

    /// <summary>Why batch norms were kept where they were to be folded; null where they are folded, or were to be kept.</summary>
    public string? NotFolded { get; init; }
}

/// <summary>The integers of a folded file, computed by ONNX Runtime, each layer given the integer network's values.</summary>
/// <param name="Integers">Integers that were compared: all values between two layers, of all images.</param>
/// <param name="Differing">Those that differ from the integer network's.</param>
/// <param name="OtherTop1">Images whose most likely class is another one when the whole file runs.</param>
public sealed record IntegerCounts(long Integers, long Differing, int OtherTop1)
{
    /// <summary>The largest share of differing integers that a file is kept with.</summary>
    public const double LargestShare = 0.0005;

    /// <summary>The share of integers that differ.</summary>
    public double Share => Integers == 0 ? 0 : (double)Differing / Integers;

    /// <summary>The value with the largest share of its own.</summary>
    public string WorstLayer { get; init; } = "";

    /// <summary>That share.</summary>
    public double WorstShare { get; init; }
}

/// <summary>How far something that computes in single precision comes to the network's logits in double precision.</summary>
/// <param name="Name">What computes.</param>
/// <param name="Difference">The largest difference, as a fraction of the largest logit, over the images that do not hang on a rounding tie.</param>
/// <param name="Ties">
/// Images whose logits differ by more because a value lies so near to the middle between two integers that single precision rounds it to the other one.
/// </param>
/// <param name="OtherTop1">Images among them whose most likely class is another one.</param>
public sealed record SinglePrecisionRun(string Name, double Difference, int Ties, int OtherTop1);
