using Lowbit.Export.Writing;
using Lowbit.Runtime;
using Onnx;

namespace Lowbit.Export.Folding;

/// <summary>
/// Weights of 1 to 7 bits in a file, bit by bit: plane i has bit i of every weight, counted from the lowest weight there is, eight to a byte. A function of standard operators,
/// which the file holds once, takes them apart by shift and mask and puts them together as the sum over planes times their values.
/// </summary>
sealed class BitPacking(OnnxGraphWriter file)
{
    /// <summary>The domain of the function.</summary>
    public const string Domain = "lowbit";

    /// <summary>The function's name.</summary>
    public const string Function = "UnpackWeights";

    /// <summary>The first version of the standard operators that has bitwise ones.</summary>
    public const long StandardVersion = 18;

    readonly Dictionary<int, (string Values, string Lowest)> widths = [];

    /// <summary>Writes the planes of weights, [bits, bytes, 1], and once for each width the values of its planes and its lowest weight.</summary>
    public string Write(string name, PackedIntegers weights, out string values, out string lowest)
    {
        // Two's complement, but for 1 bit, which stands for -1 and +1.
        int bits = weights.BitWidth, step = bits == 1 ? 2 : 1, low = bits == 1 ? -1 : -(1 << (bits - 1)), bytes = (weights.Count + 7) / 8;
        byte[] planes = new byte[bits * bytes];
        for (int i = 0; i < weights.Count; i++)
            for (int bit = 0, code = (weights.Values[i] - low) / step; bit < bits; bit++)
                planes[bit * bytes + i / 8] |= (byte)(((code >> bit) & 1) << (i % 8));
        if (!widths.ContainsKey(bits))
            widths[bits] = (
                file.Constant($"planes{bits}", ElementType.Int8, [.. Enumerable.Range(0, bits).Select(bit => (byte)(step << bit))], bits, 1, 1),
                file.Constant($"lowest{bits}", ElementType.Int8, [unchecked((byte)low)]));
        (values, lowest) = widths[bits];
        return file.Constant(name, ElementType.Uint8, planes, bits, bytes, 1);
    }

    /// <summary>The function: (packed, values, lowest, factors, shape) to weights of int8.</summary>
    public static FunctionProto Unpacking()
    {
        var function = new FunctionProto { Name = Function, Domain = Domain };
        function.Input.AddRange(["packed", "values", "lowest", "factors", "shape"]);
        function.Output.Add("weights");
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = StandardVersion });
        var body = new OnnxGraphWriter(function.Node, null, isNamed: false);
        string places = body.Value("places", ElementType.Uint8, [0, 1, 2, 3, 4, 5, 6, 7], 8), one = body.Value("one", ElementType.Uint8, [1], 1);
        string zero = body.Value("zero", 0), all = body.Value("all", -1);
        string bits = body.Node("BitwiseAnd", "bits", [body.Node("BitShift", "shifted", ["packed", places], [("direction", "RIGHT")]), one]);
        string valued = body.Node("Mul", "valued", [Int32("whole", bits), Int32("whole_values", "values")]);
        string flat = body.Node("Reshape", "flat", [body.Node("ReduceSum", "codes", [valued, zero], [("keepdims", 0)]), all]);
        string count = body.Node("ReduceProd", "count", ["shape"], [("keepdims", 1)]);
        string shaped = body.Node("Reshape", "shaped", [body.Node("Slice", "cut", [flat, zero, count]), "shape"]);
        string integers = body.Node("Add", "integers", [shaped, Int32("whole_lowest", "lowest")]);
        string multiplied = body.Node("Mul", "multiplied", [integers, Int32("whole_factors", "factors")]);
        body.Node("Cast", "weights", [multiplied], [("to", (int)ElementType.Int8)]);
        return function;

        string Int32(string name, string tensor) => body.Node("Cast", name, [tensor], [("to", (int)ElementType.Int32)]);
    }
}
