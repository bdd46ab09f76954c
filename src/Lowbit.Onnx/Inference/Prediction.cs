namespace Lowbit.Inference;

/// <summary>What a network makes of an image file.</summary>
/// <param name="File">The file.</param>
/// <param name="Probabilities">The softmax of the logits, a number for each class; none where the file cannot be read.</param>
/// <param name="Problem">Why the file cannot be read, in a sentence that names it; null where it can.</param>
public sealed record Prediction(string File, IReadOnlyList<double> Probabilities, string? Problem = null)
{
    /// <summary>The most probable classes, the most probable one first; equal ones in their order.</summary>
    /// <param name="count">How many; all where there are fewer.</param>
    public IReadOnlyList<int> Top(int count) => [.. Enumerable.Range(0, Probabilities.Count).OrderByDescending(label => Probabilities[label]).Take(count)];
}
