using Lowbit.Export.Writing;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>What is done to a value, or to the sum of two, before the next quantizer: nothing where scale and range say it all, else a multiplication and an addition, and bounds.</summary>
static class ValueFunction
{
    /// <summary>Integers that are gone through one by one: a value of bytes, or a sum of two, has fewer.</summary>
    const int MostIntegers = 1 << 10;

    /// <summary>Writes the real values of which a quantizer makes the requantization's integers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="node">The requantization.</param>
    /// <param name="value">What its integers can be.</param>
    /// <param name="real">The tensor of their real values.</param>
    /// <param name="from">Their scale.</param>
    /// <param name="to">The scale of the quantizer.</param>
    /// <param name="isFlat">Whether the tensor is [N, C].</param>
    /// <exception cref="LowbitException">It is another function, as a leaky ReLU is.</exception>
    public static string Write(OnnxGraphWriter file, Requantize node, IntegerValue value, string real, float from, float to, bool isFlat)
    {
        Interval all = value.Ranges.Aggregate((a, b) => a.Union(b));
        int rows = node.Multipliers.Length;
        if (rows == 1 && all.High - all.Low < MostIntegers && Enumerable.Range(all.Low, all.High - all.Low + 1).All(x => Math.Clamp((int)MathF.Round(x * from / to), node.Low, node.High) == node.Apply(0, x))) return real;
        var lines = Enumerable.Range(0, rows).Select(row => Line.Of(StepFunction.Of(node, row, rows == 1 ? all : value.Ranges[row]), node.Low, node.High)).ToArray();
        int worst = Array.FindIndex(lines, line => line.Misplaced > FoldedLayer.LargestMisplaced);
        if (worst >= 0) throw node.Refuse($"no scale, bias and bounds round the values of its channel {worst} as it does");
        return Line.Write(file, node.Name, real, lines, from, to, isFlat);
    }
}
