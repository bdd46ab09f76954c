namespace Lowbit.Export.Interpretation;

/// <summary>
/// Counts what the interpreter takes on one thread, before it takes it. Every array is counted where it is made, whichever operator makes
/// it, so operators need not know of it.
/// </summary>
sealed class Ledger(OnnxBudget budget, long constantBytes = 0, int images = 1)
{
    [ThreadStatic] static Ledger? current;

    long alive = constantBytes, ofNode;
    double operations;

    /// <summary>Bytes that were taken at most at a time, without the constants.</summary>
    public long Peak { get; private set; }

    /// <summary>Counts an array that is about to be made.</summary>
    public static void Allocate(long elements)
    {
        if (current is not { } ledger) return;
        ledger.ofNode += elements * sizeof(double);
        if (ledger.alive + ledger.ofNode > ledger.budget.Memory) throw ledger.budget.TooMuchMemory(ledger.alive + ledger.ofNode);
        ledger.Peak = Math.Max(ledger.Peak, ledger.alive + ledger.ofNode - ledger.constantBytes);
        Spend((double)elements * OnnxBudget.PerElement);
    }

    /// <summary>Counts operations that are about to be computed.</summary>
    public static void Spend(double operations)
    {
        if (current is not { } ledger) return;
        ledger.operations += operations;
        double each = ledger.operations / ledger.images;
        if (each > ledger.budget.Operations) throw ledger.budget.TooManyOperations(each);
    }

    /// <summary>Computes one node while what it makes is counted.</summary>
    /// <param name="aliveBytes">What is alive before it, without the constants.</param>
    /// <param name="compute">Computes it.</param>
    public T Count<T>(long aliveBytes, Func<T> compute)
    {
        var outer = current;
        (alive, ofNode, current) = (constantBytes + aliveBytes, 0, this);
        try
        {
            return compute();
        }
        finally
        {
            current = outer;
        }
    }

    readonly OnnxBudget budget = budget;
    readonly long constantBytes = constantBytes;
    readonly int images = Math.Max(1, images);
}
