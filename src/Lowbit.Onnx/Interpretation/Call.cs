namespace Lowbit.Export.Interpretation;

/// <summary>A node with the arrays that it computes from; null stands for an optional input that is left out.</summary>
readonly record struct Call(OnnxNode Node, NdArray?[] Inputs)
{
    /// <summary>The first input.</summary>
    public NdArray X => Input(0);

    public NdArray Input(int index) => Optional(index) ?? throw new LowbitException($"its input {index + 1} is missing");

    public NdArray? Optional(int index) => index < Inputs.Length ? Inputs[index] : null;

    /// <summary>All inputs of an operator that takes any number of them.</summary>
    public NdArray[] All => [.. Inputs.OfType<NdArray>()];

    /// <summary>Integers that older opsets give as an attribute and newer ones as an input; null where neither is there.</summary>
    public int[]? Ints(string attribute, int input) => Optional(input)?.Ints() ?? Node.Ints(attribute);

    /// <summary>A number that older opsets give as an attribute and newer ones as an input.</summary>
    public double Number(string attribute, int input, double otherwise) => Optional(input)?.Single() ?? Node.Float(attribute, otherwise);

    /// <summary>Axes, from attribute or input, counted from the start in an array of <paramref name="rank"/> axes.</summary>
    public int[]? Axes(int rank, int input = 1) => Ints("axes", input)?.Select(axis => NdArray.AxisOf(axis, rank)).ToArray();
}
