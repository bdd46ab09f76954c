using Lowbit.Export.Writing;
using Lowbit.Export.Writing.Nodes;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>The truncated mean, exactly: sums of whole numbers in float32, times a power of two, rounded down.</summary>
static class SumPoolWriter
{
    /// <summary>Writes the mean of a value as real numbers, multiples of the scale.</summary>
    public static string Write(OnnxGraphWriter file, SumPool pool, WrittenInteger input, bool isGlobal, float scale)
    {
        string name = pool.Name;
        string whole = file.Node("Cast", $"{name}.whole", [input.Bytes], [("to", (int)ElementType.Float)]);
        if (input.ZeroPoint != 0) whole = file.Node("Sub", $"{name}.centred", [whole, file.Scalar($"{name}.zero_point", input.ZeroPoint)]);
        string sum = isGlobal ? Global(whole) : Windows(whole);
        string shifted = file.Node("Mul", $"{name}.shifted", [sum, file.Scalar($"{name}.shift", Math.ScaleB(1, -pool.Shift))]);
        string floor = file.Node("Floor", $"{name}.floor", [shifted]);
        return file.Node("Mul", $"{name}.mean", [floor, file.Scalar($"{name}.unit", scale)]);

        string Global(string x) => file.Node("ReduceSum", $"{name}.sum", [x, file.Integers($"{name}.axes", 2, 3)], [("keepdims", 1)]);

        // A mean of whole numbers times their number is a whole number but for rounding.
        string Windows(string x)
        {
            string mean = file.Node("AveragePool", $"{name}.window", [x], [("ceil_mode", 0), .. WindowAttributes.Of(pool.Kernel, pool.Kernel, 0)]);
            string product = file.Node("Mul", $"{name}.product", [mean, file.Scalar($"{name}.area", (double)pool.Kernel * pool.Kernel)]);
            return file.Node("Round", $"{name}.sum", [product]);
        }
    }
}
