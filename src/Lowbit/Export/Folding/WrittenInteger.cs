namespace Lowbit.Export.Folding;

/// <summary>A value of the network while it is written: a tensor of bytes, and what these mean.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Bytes">The tensor; it holds each integer plus the zero point.</param>
/// <param name="Scale">What the integers are multiplied by.</param>
/// <param name="ScaleName">The constant that is the scale.</param>
/// <param name="ZeroPoint">The byte that means 0.</param>
sealed record WrittenInteger(string Name, string Bytes, float Scale, string ScaleName, int ZeroPoint)
{
    /// <summary>The byte that means 0: values that can be negative lie around the middle, those of 1 bit are the bytes 0 and 2.</summary>
    /// <exception cref="LowbitException">A byte does not hold so many integers.</exception>
    public static int ZeroPointOf(string name, int low, int high) => (low, high) switch
    {
        ( >= 0, <= 255) => 0,
        (-1, 1) => 1,
        ( >= -128, <= 127) => 128,
        _ => throw new LowbitException($"{name}: its integers {low} to {high} do not fit a byte"),
    };
}
