using System.Collections.Immutable;
using System.Numerics;

namespace Lowbit.Runtime.Nodes;

/// <summary>A fully connected layer: sums of products of weights and features, in int32.</summary>
/// <param name="Name">Unique in its network.</param>
/// <param name="From">The vector of features that it takes.</param>
/// <param name="Channels">Output features.</param>
/// <param name="Weights">[channels, input features].</param>
public sealed record IntegerLinear(string Name, string From, int Channels, PackedIntegers Weights) : IntegerNode(Name)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Inputs => [From];

    /// <inheritdoc/>
    public override IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs)
    {
        var (shape, ranges) = (inputs[0].Shape, inputs[0].Ranges);
        if (shape.Pixels != 1) throw Refuse($"it takes a vector of features, and {From} is an image of {shape}");
        var output = new ValueShape(Channels, 1, 1);
        if (!output.IsPossible) throw Refuse($"it has {Channels} output features; it has 1 to {ValueShape.MaximumElements}");
        return new(output, Sums.Infer(this, Weights, Channels, shape.Channels, (_, feature) => ranges[feature]));
    }

    internal override void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output)
    {
        ReadOnlySpan<sbyte> weights = Weights.Values;
        for (int channel = 0; channel < output.Length; channel++)
        {
            ReadOnlySpan<sbyte> row = weights.Slice(channel * inputs[0].Length, inputs[0].Length);
            for (int feature = 0; feature < row.Length; feature++) output[channel] += inputs[0][feature] * row[feature];
        }
    }
}
