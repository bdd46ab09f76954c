using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Serialization;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Runtime;

/// <summary>
/// One operation of an integer network, as data, and the definition of what it computes. A value is int32; it is held for several images side by side, one in each
/// element of a vector, so that the loops read as those for one image.
/// </summary>
/// <param name="Name">Unique in its network.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(PixelTable), "pixel_table")]
[JsonDerivedType(typeof(IntegerConv), "conv")]
[JsonDerivedType(typeof(IntegerLinear), "linear")]
[JsonDerivedType(typeof(Requantize), "requantize")]
[JsonDerivedType(typeof(IntegerAdd), "add")]
[JsonDerivedType(typeof(IntegerMaxPool), "max_pool")]
[JsonDerivedType(typeof(SumPool), "sum_pool")]
[JsonDerivedType(typeof(IntegerFlatten), "flatten")]
public abstract record IntegerNode([property: JsonPropertyOrder(-1)] string Name)
{
    /// <summary>The names of the values that it takes: nodes before it, or the images.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<string> Inputs { get; }

    /// <summary>The node's value, as far as it follows from its inputs whatever the image.</summary>
    /// <exception cref="LowbitException">The node is not possible, does not fit its inputs, or gives numbers beyond int32.</exception>
    public abstract IntegerValue Infer(ReadOnlySpan<IntegerValue> inputs);

    /// <summary>The node's value.</summary>
    /// <param name="inputs">The values that it takes, in the shapes of <paramref name="given"/>.</param>
    /// <param name="given">What is known of them.</param>
    /// <param name="output">Where its value is to go, in the shape that it infers; filled with zeros.</param>
    internal abstract void Compute(Vector<int>[][] inputs, ReadOnlySpan<IntegerValue> given, Vector<int>[] output);

    /// <summary>The error of a node that cannot be.</summary>
    public LowbitException Refuse(string reason) => new($"{Name}: {reason}");

    /// <summary>An interval of int32.</summary>
    /// <exception cref="LowbitException">There are integers beyond int32 in it.</exception>
    internal Interval Checked(string what, long low, long high) => low >= int.MinValue && high <= int.MaxValue
        ? new((int)low, (int)high)
        : throw Refuse($"{what} could reach {(high > int.MaxValue ? high : low)}, beyond the 32 bits that it has");

    /// <summary>The shape that a window leaves of an image.</summary>
    /// <exception cref="LowbitException">The window is not possible, or larger than the padded image.</exception>
    internal ValueShape Slide(ValueShape input, int channels, int kernel, int stride, int padding)
    {
        const int Largest = 1 << 12;
        if (kernel is < 1 or > Largest || stride is < 1 or > Largest || padding is < 0 or > Largest || kernel > Math.Min(input.Height, input.Width) + 2 * padding)
            throw Refuse($"a window of {kernel}x{kernel} with stride {stride} and padding {padding} does not fit an image of {input}");
        var shape = new ValueShape(channels, (input.Height + 2 * padding - kernel) / stride + 1, (input.Width + 2 * padding - kernel) / stride + 1);
        return shape.IsPossible ? shape : throw Refuse($"a value of {shape} is not possible; it has at most {ValueShape.MaximumElements} elements");
    }
}
