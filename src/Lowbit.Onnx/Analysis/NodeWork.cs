namespace Lowbit.Export.Analysis;

/// <summary>How much a node computes.</summary>
static class NodeWork
{
    /// <summary>The inputs that hold what is multiplied, of operators that multiply: the left or the image, the right or the weights.</summary>
    public static (int Left, int Right)? Factors(OnnxNode node) => node.Kind switch
    {
        "Conv" or "ConvTranspose" or "ConvInteger" or "Gemm" or "MatMul" or "MatMulInteger" or "FusedConv" or "FusedMatMul" or "FusedGemm" => (0, 1),
        "QLinearConv" or "QLinearMatMul" or "QGemm" => (0, 3),
        _ => null,
    };

    /// <summary>Multiplications with additions; 0 of an operator that does not multiply, null where a shape is not known.</summary>
    public static double? Products(OnnxNode node, IReadOnlyList<TensorFact?> inputs, IReadOnlyList<TensorFact> outputs)
    {
        if (Factors(node) is not var (left, right)) return 0;
        if (inputs.ElementAtOrDefault(left)?.Shape is not { Length: > 0 } a || inputs.ElementAtOrDefault(right)?.Shape is not { Length: > 0 } b) return null;
        // Each output value is a sum of as many products as the kernel, or a row of the left matrix, is long.
        return node.Kind switch
        {
            "ConvTranspose" => inputs[left]!.Elements * Product(b[1..]),
            _ when node.Kind.Contains("Conv", StringComparison.Ordinal) => outputs[0].Elements * Product(b[1..]),
            _ => outputs[0].Elements * a[node.Flag("transA") ? 0 : ^1],
        };
    }

    /// <summary>Operations as a budget counts them; null where a shape is not known.</summary>
    public static double? Operations(OnnxNode node, IReadOnlyList<TensorFact?> inputs, IReadOnlyList<TensorFact> outputs)
    {
        double? touched = inputs.OfType<TensorFact>().Concat(outputs.Where((_, i) => node.Outputs[i] is not "")).Aggregate((double?)0, (sum, tensor) => sum + tensor.Elements);
        return touched * OnnxBudget.PerElement + Products(node, inputs, outputs) + Inner();

        double? Inner() => node.Kind switch
        {
            "AveragePool" or "MaxPool" or "LpPool" or "QLinearAveragePool" => outputs[0].Elements * Taps() * OnnxBudget.PerElement,
            "LSTM" or "GRU" or "RNN" => inputs[0]?.Shape is [var steps, var batch, ..] ? (double)steps * batch * (inputs[1]?.Elements + inputs[2]?.Elements) : null,
            "Einsum" => inputs.OfType<TensorFact>().Aggregate((double?)1, (product, tensor) => product * tensor.Elements),
            "DFT" or "STFT" or "Det" or "MatrixInverse" => inputs[0]?.Elements * inputs[0]?.Elements,
            "LRN" => outputs[0].Elements * node.Int("size", 1),
            "Resize" or "Upsample" or "GridSample" or "RoiAlign" => outputs[0].Elements * 64,
            _ => 0,
        };

        double Taps() => Product(node.Ints("kernel_shape") ?? []);
    }

    static double Product(IEnumerable<int> sizes) => sizes.Aggregate(1.0, (product, size) => product * size);
}
