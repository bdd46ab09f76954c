namespace Lowbit.Export;

/// <summary>
/// What a file that is run may take. It is counted before each node and each allocation; what would take more is refused in one sentence.
/// </summary>
public sealed record OnnxBudget
{
    /// <summary>Bytes of all tensors that are alive at a time, from when they are made until their last reader is done: 4 GiB.</summary>
    public long Memory { get; init; } = 4L << 30;

    /// <summary>
    /// Operations for each image: 1e11. A multiplication with its addition counts 1; an element that is read or written otherwise counts
    /// <see cref="PerElement"/>, which is what it takes in time.
    /// </summary>
    public double Operations { get; init; } = 1e11;

    /// <summary>Operations that reading or writing one element counts.</summary>
    public const int PerElement = 40;

    /// <summary>The budget of who says nothing else.</summary>
    public static OnnxBudget Default { get; } = new();

    const double Gibibyte = 1L << 30;

    internal OverBudgetException TooMuchMemory(double bytes) =>
        new(FormattableString.Invariant($"it needs {AtMost(bytes / Gibibyte):0.#} GiB of memory at a time, where {Memory / Gibibyte:0.###} GiB are allowed; --max-memory raises that"));

    internal OverBudgetException TooManyOperations(double operations) => new(FormattableString.Invariant(
        $"it needs {operations:0.#e+0} operations for an image, where {Operations:0.#e+0} are allowed; --max-operations raises that"));

    // A tenth that is above it, so that what is needed does not read as what is allowed.
    static double AtMost(double gibibytes) => (Math.Floor(gibibytes * 10) + 1) / 10;
}

/// <summary>A file needs more than its budget.</summary>
sealed class OverBudgetException(string message) : LowbitException(message);
