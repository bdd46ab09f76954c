namespace Lowbit.Data;

/// <summary>
/// Which pixels along one direction make each pixel of a resized image, and with what weight: a triangle two pixels wide, pixels of the
/// source where it grows and of the result where it shrinks, so that fine patterns do not turn into false coarse ones.
/// </summary>
sealed class ResizeAxis
{
    readonly int[] first;
    readonly float[][] weights;

    /// <param name="sourceLength">Pixels of the source.</param>
    /// <param name="start">Where the part to resize begins.</param>
    /// <param name="length">How long that part is.</param>
    /// <param name="resultLength">Pixels of the result.</param>
    public ResizeAxis(int sourceLength, double start, double length, int resultLength)
    {
        (SourceLength, Length) = (sourceLength, resultLength);
        first = new int[resultLength];
        weights = new float[resultLength][];
        double scale = length / resultLength, reach = Math.Max(1, scale);
        for (int i = 0; i < resultLength; i++)
        {
            double centre = start + (i + 0.5) * scale - 0.5;
            int from = Math.Max(0, (int)Math.Floor(centre - reach) + 1);
            int to = Math.Min(sourceLength - 1, (int)Math.Ceiling(centre + reach) - 1);
            double[] heights = [.. Enumerable.Range(from, to - from + 1).Select(j => 1 - Math.Abs(j - centre) / reach)];
            double sum = heights.Sum();
            first[i] = from;
            weights[i] = [.. heights.Select(height => (float)(height / sum))];
        }
        First = first.Min();
        End = Enumerable.Range(0, resultLength).Max(i => first[i] + weights[i].Length);
    }

    /// <summary>Pixels of the source along this direction.</summary>
    public int SourceLength { get; }

    /// <summary>Pixels of the result along this direction.</summary>
    public int Length { get; }

    /// <summary>The first pixel of the source that has any weight.</summary>
    public int First { get; }

    /// <summary>The pixel after the last one that has any weight.</summary>
    public int End { get; }

    /// <summary>The first source pixel of a result pixel, and the weights of it and of those that follow; their sum is 1.</summary>
    public (int First, float[] Weights) this[int result] => (first[result], weights[result]);
}
