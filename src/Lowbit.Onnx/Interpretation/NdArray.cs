namespace Lowbit.Export.Interpretation;

/// <summary>
/// The values of one tensor as the interpreter computes with them: doubles in row-major order, whatever <paramref name="type"/> the file
/// gives them.
/// The integers that quantized networks compute with are exact in a double.
/// </summary>
sealed class NdArray(int[] shape, double[] data, ElementType type = ElementType.Float)
{
    /// <summary>More elements than any tensor of a network for images has; what asks for more is a damaged file.</summary>
    public const long MaximumCount = 1 << 27;
    const int MaximumRank = 32;

    public int[] Shape => shape;

    public double[] Data => data;

    public ElementType Type => type;

    public int Rank => shape.Length;

    public int Count => data.Length;

    public static NdArray Zeros(int[] shape, ElementType type = ElementType.Float)
    {
        int count = CountOf(shape);
        Ledger.Allocate(count);
        return new(shape, new double[count], type);
    }

    /// <summary>An array with the values that come, as many as the shape has.</summary>
    public static NdArray Of(int[] shape, IEnumerable<double> values, ElementType type = ElementType.Float)
    {
        var result = Zeros(shape, type);
        int next = 0;
        foreach (double value in values)
            result.Data[next++] = value;
        return result;
    }

    public static NdArray Scalar(double value, ElementType type = ElementType.Float) => new([], [value], type);

    public static NdArray Vector(IEnumerable<int> values) => Integers([.. values]);

    static NdArray Integers(double[] values) => new([values.Length], values, ElementType.Int64);

    /// <summary>The same values seen with another shape of equally many elements.</summary>
    public NdArray Reshape(int[] to) => CountOf(to) == Count
        ? new(to, data, type)
        : throw new LowbitException($"{Count} values of shape {Text(shape)} do not fit the shape {Text(to)}");

    public NdArray As(ElementType other) => new(shape, data, other);

    /// <summary>The only value of an array of one element.</summary>
    public double Single() => Count == 1 ? data[0] : throw new LowbitException($"one value is needed where shape {Text(shape)} is given");

    /// <summary>
    /// The values as sizes, axes or positions; what lies outside 32 bits, as "to the end" does, becomes the nearest that does not.
    /// </summary>
    public int[] Ints() => [.. data.Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue))];

    /// <summary>How far apart in <see cref="Data"/> neighbours along each axis are.</summary>
    public int[] Strides()
    {
        var strides = new int[Rank];
        for (int axis = Rank - 1, stride = 1; axis >= 0; stride *= shape[axis--])
            strides[axis] = stride;
        return strides;
    }

    /// <summary>An axis counted from the end where it is negative, as ONNX writes it, counted from the start.</summary>
    public int Axis(long axis) => AxisOf(axis, Rank);

    public static int AxisOf(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new LowbitException($"axis {axis} is not one of the {rank} axes there are");

    /// <summary>How many elements a shape has.</summary>
    /// <exception cref="LowbitException">It is no shape, or larger than those of networks for images are.</exception>
    public static int CountOf(ReadOnlySpan<int> shape)
    {
        if (shape.Length > MaximumRank)
            throw new LowbitException($"a tensor of {shape.Length} axes is too large");
        long count = 1;
        foreach (int size in shape)
            count = size < 0 ? throw new LowbitException($"a shape of {Text(shape)} cannot be") : Math.Min(count * size, MaximumCount + 1);
        return count <= MaximumCount ? (int)count : throw new LowbitException($"a tensor of shape {Text(shape)} is too large");
    }

    public static string Text(ReadOnlySpan<int> shape) => $"[{string.Join(',', shape.ToArray())}]";
}
