using Lowbit.Export.Writing;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>What is done to raw pixels before the first quantizer, as one multiplication and one addition by channel, whatever it was in the network.</summary>
/// <param name="table">The integer of each pixel.</param>
/// <param name="low">The lowest integer.</param>
/// <param name="high">The highest integer.</param>
sealed class PixelFunction(PixelTable table, int low, int high)
{
    readonly Line[] lines = [.. table.Tables.Select(channel => Line.Of(StepFunction.Of(channel, low, high), low, high))];

    /// <summary>Whether a pixel's real value lies beyond the integers, so that it has to be clipped.</summary>
    public bool Overshoots => lines.Any(line => new[] { line.Offset, line.Slope * (PixelTable.Pixels - 1) + line.Offset }.Any(end => end < low - 0.5 || end > high + 0.5));

    /// <summary>Writes the real values of which a quantizer of the scale makes the table's integers.</summary>
    public string Write(OnnxGraphWriter file, string pixels, float scale) => Line.Write(file, table.Name, pixels, lines, 1, scale, isFlat: false);
}
