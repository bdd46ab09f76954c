namespace Lowbit.Graphs.Integers;

/// <summary>The scale of a value: that of a quantizer times a constant. Integers of equal scales can be added.</summary>
/// <param name="Quantizer">The Quantize node that owns the scale.</param>
/// <param name="Factor">1, or what truncating pools between the quantizer and the value make of it.</param>
public readonly record struct ScaleSource(string Quantizer, double Factor = 1);

/// <summary>The integers that, times a scale, are a value of the network: <c>value = scale * (integer - zero point)</c>.</summary>
/// <param name="Range">The lowest and the highest of them that can occur.</param>
/// <param name="BitWidth">Bits that the network's arithmetic counts for them: those of the quantizer, one more than the wider operand for a sum, those that a truncating pool leaves.</param>
/// <param name="Scale">Where the scale comes from.</param>
/// <param name="Terms">How many quantized values were added up: 1 unless the value is a sum.</param>
/// <param name="HasZeroPoint">Whether a zero point may be other than 0.</param>
public sealed record IntegerType(IntegerRange Range, int BitWidth, ScaleSource Scale, int Terms = 1, bool HasZeroPoint = false)
{
    /// <summary>Whether negative integers are among them.</summary>
    public bool IsSigned => Range.IsSigned;

    /// <summary>Whether negative values are among them: as negative integers, or as those below a zero point.</summary>
    public bool TakesNegatives => IsSigned || HasZeroPoint;

    /// <summary>The sum of two values; null where their scales differ, so that it is no sum of integers.</summary>
    public static IntegerType? Sum(IntegerType left, IntegerType right) => left.Scale != right.Scale ? null : new(
        new(left.Range.Low + right.Range.Low, left.Range.High + right.Range.High),
        Math.Max(left.BitWidth, right.BitWidth) + 1,
        left.Scale,
        left.Terms + right.Terms,
        left.HasZeroPoint || right.HasZeroPoint);
}
