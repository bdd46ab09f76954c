using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>The images in integers: a table gives each raw pixel's. What normalizes and quantizes the images is in it.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The images.</param>
/// <param name="Tables">For each channel 256 integers: for the pixels 0, 1, ... 255.</param>
public sealed record PixelTable(string Name, string From, ImmutableArray<ImmutableArray<int>> Tables) : IntegerNode(Name)
{
    /// <summary>Values that a pixel can have.</summary>
    public const int Pixels = 256;

    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        ValueShape shape = inputs[0].Shape;
        if (Tables.IsDefault || Tables.Length != shape.Channels || Tables.Any(table => table.IsDefault || table.Length != Pixels))
            throw Refuse($"it takes {shape.Channels} tables of {Pixels} integers");
        if (inputs[0].Ranges.Any(range => range.Low < 0 || range.High >= Pixels)) throw Refuse($"{From} is not raw pixels, 0 to {Pixels - 1}");
        return new(shape, [.. Tables.Select(table => new Interval(table.Min(), table.Max()))]);
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        ValueShape shape = given[0].Shape;
        Span<int> integers = stackalloc int[Vector<int>.Count];
        for (int i = 0; i < output.Length; i++)
        {
            ImmutableArray<int> table = Tables[i / shape.Pixels];
            for (int image = 0; image < integers.Length; image++) integers[image] = table[inputs[0][i][image]];
            output[i] = new(integers);
        }
    }
}
