namespace Lowbit.Export.Folding;

/// <summary>A value of the network while it is written: a tensor of bytes, and what these mean.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Bytes">The tensor; it holds each integer plus the zero point.</param>
/// <param name="Scale">What the integers are multiplied by.</param>
/// <param name="ScaleName">The constant that is the scale.</param>
/// <param name="ZeroPoint">The byte that means 0.</param>
/// <param name="IsFlat">Whether the tensor is [N, C], not [N, C, H, W].</param>
sealed record WrittenInteger(string Name, string Bytes, float Scale, string ScaleName, int ZeroPoint, bool IsFlat)
{
    /// <summary>The byte that means 0: the lowest integer is the byte 0, so that few bits are small bytes and saturation clips them.</summary>
    /// <exception cref="LowbitException">A byte does not hold so many integers.</exception>
    public static int ZeroPointOf(string name, int low, int high) => high - Math.Min(0, low) <= byte.MaxValue
        ? -Math.Min(0, low)
        : throw new LowbitException($"{name}: its integers {low} to {high} do not fit a byte");
}
