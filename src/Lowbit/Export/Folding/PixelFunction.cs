using Lowbit.Export.Writing;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>What is done to raw pixels before the first quantizer, as one multiplication and one addition by channel, whatever it was in the network.</summary>
static class PixelFunction
{

    /// <summary>Writes the real values of which a quantizer of the scale makes the table's integers.</summary>
    public static string Write(OnnxGraphWriter file, PixelTable table, string pixels, float scale)
    {
        int low = table.Tables.Min(channel => channel.Min()), high = table.Tables.Max(channel => channel.Max());
        var lines = table.Tables.Select(channel => Line.Of(StepFunction.Of(channel, low, high), low, high)).ToArray();
        return Line.Write(file, table.Name, pixels, lines, 1, scale);
    }
}
