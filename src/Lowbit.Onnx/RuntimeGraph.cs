using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Lowbit.Export;

/// <summary>What ONNX Runtime makes of a file: the operators that run after its optimizations.</summary>
/// <param name="Operators">How many of each there are, the most frequent first.</param>
public sealed record RuntimeGraph(IReadOnlyList<(string Operator, int Count)> Operators)
{
    static readonly HashSet<string> Products = ["Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "NhwcFusedConv"];

    /// <summary>Convolutions and matrix products that are computed in integers.</summary>
    public int IntegerProducts => CountOf(kind => kind is "QLinearConv" or "QGemm" or "QLinearMatMul" or "ConvInteger" or "MatMulInteger" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul");

    /// <summary>Convolutions and matrix products that are computed in float.</summary>
    public int FloatProducts => CountOf(Products.Contains);

    /// <summary>Loads a standard ONNX file.</summary>
    /// <exception cref="LowbitException">ONNX Runtime does not load it.</exception>
    public static RuntimeGraph Of(string path)
    {
        string optimized = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");
        try
        {
            using var options = new SessionOptions
            {
                // Layouts that only this processor has are left out; they change nothing about what is computed in integers.
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                OptimizedModelFilePath = optimized,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            using (new InferenceSession(path, options))
            {
            }
            var nodes = ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node;
            return new([.. nodes.CountBy(node => node.OpType).Select(entry => (entry.Key, entry.Value)).OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)]);
        }
        catch (OnnxRuntimeException problem)
        {
            throw new LowbitException($"{path} cannot be run: {Analysis.NodeInference.OneLine(problem.Message)}", problem);
        }
        finally
        {
            File.Delete(optimized);
        }
    }

    int CountOf(Func<string, bool> isCounted) => Operators.Where(entry => isCounted(entry.Operator)).Sum(entry => entry.Count);
}
