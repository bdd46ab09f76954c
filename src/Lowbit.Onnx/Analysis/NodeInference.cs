using Lowbit.Export.Interpretation;
using Microsoft.ML.OnnxRuntime;

namespace Lowbit.Export.Analysis;

/// <summary>What is known of a node's outputs from what is known of its inputs.</summary>
static class NodeInference
{
    /// <summary>What computing a constant, or asking the interpreter for a shape, may take.</summary>
    static readonly OnnxBudget ForConstants = new() { Memory = 1 << 24, Operations = 1e7 }, ForShapes = new() { Memory = 1L << 28, Operations = 5e9 };

    /// <exception cref="LowbitException">The node cannot be computed by what knows its operator.</exception>
    public static TensorFact[] Infer(OnnxModel model, OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        Refuse(node, inputs);
        if (node.Domain is OnnxNode.Qonnx) return [.. Padded([Quantized(node, inputs)])];
        // Sizes are known, whatever the values are.
        if (node is { Domain: "", Kind: "Shape" or "Size" } && inputs is [{ Shape: { } sizes }])
            return [.. Padded([TensorFact.Of(node.Kind is "Size" ? NdArray.Scalar(inputs[0]!.Elements!.Value, ElementType.Int64) : OperatorTable.Find(node)(new Call(node, [new NdArray(sizes, [])]))[0])])];
        TensorFact[] outputs;
        try
        {
            outputs = inputs.Any(input => input is { Type: null })
                ? [.. node.Outputs.Select(_ => TensorFact.Unknown)]
                : RuntimeInference.Infer(node.Proto, inputs, model.Proto.OpsetImport.Concat(model.Proto.Functions.SelectMany(f => f.OpsetImport)).DistinctBy(import => import.Domain));
        }
        catch (OnnxRuntimeException problem)
        {
            return [.. Padded(InterpretInstead(node, inputs) ?? throw Translated(node, problem))];
        }
        // Where ONNX Runtime does not know a shape before it runs, the interpreter may.
        if (outputs.Any(output => output is { Shape: null, Type: not null }) && inputs.All(input => input is null or { Value: not null } or { Shape: not null, Type: not (ElementType.Int64 or ElementType.Int32) }) && InterpretInstead(node, inputs) is { } computed)
            outputs = [.. Padded(computed).Zip(outputs, (ours, theirs) => theirs.Shape is null ? theirs with { Shape = ours.Shape } : theirs)];
        bool isSmall = inputs.All(input => input is null or { Value: not null }) && outputs.All(output => output.Elements is null or <= TensorFact.MostValues);
        return isSmall && TryFold(node, inputs) is { } folded ? [.. Padded(folded).Zip(outputs, (value, said) => said.Shape is null ? value : said with { Value = value.Value, Shape = value.Shape ?? said.Shape })] : outputs;

        IEnumerable<TensorFact> Padded(TensorFact[] given) => given.Concat(Enumerable.Repeat(TensorFact.Unknown, node.Outputs.Count)).Take(node.Outputs.Count);
    }

    /// <summary>QONNX's operators give what they are given in another scale.</summary>
    static TensorFact Quantized(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        if (inputs.Count == 0 || inputs.Any(input => input?.Shape is null)) return TensorFact.Unknown with { Type = ElementType.Float };
        if (!OperatorTable.Knows(node)) throw OperatorTable.Unsupported(node);
        // One value in place of the tensor shows whether its parameters can be used.
        var result = Interpret(node, [new(ElementType.Float, [.. inputs[0]!.Shape!.Select(_ => 1)]), .. inputs.Skip(1)], ForShapes)!;
        int[] shape = inputs.Skip(1).Aggregate(inputs[0]!.Shape!, (stretched, input) => Broadcast.Shape(stretched, input!.Shape!));
        return result[0] with { Shape = shape, Value = null };
    }

    /// <summary>What the interpreter makes of a node that ONNX Runtime refuses; null where it does not know it, or it is too much to try.</summary>
    static TensorFact[]? InterpretInstead(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        try
        {
            return Interpret(node, inputs, ForShapes);
        }
        catch (OverBudgetException)
        {
            return null;
        }
    }

    static TensorFact[]? TryFold(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        try
        {
            return Interpret(node, inputs, ForConstants);
        }
        catch (LowbitException)
        {
            // It is run by ONNX Runtime, which may well be able to.
            return null;
        }
    }

    /// <summary>Computes the node by the interpreter, from zeros where values are not known; null where it does not know the operator.</summary>
    static TensorFact[]? Interpret(OnnxNode node, IReadOnlyList<TensorFact?> inputs, OnnxBudget budget)
    {
        if (!OperatorTable.Knows(node)) return null;
        bool areKnown = inputs.All(input => input is null or { Value: not null });
        try
        {
            var outputs = new Ledger(budget).Count(0, () => OperatorTable.Find(node)(new Call(node, [.. inputs.Select(Array)])));
            return [.. outputs.Select(output => areKnown ? TensorFact.Of(output) : new TensorFact(output.Type, output.Shape))];
        }
        catch (Exception problem) when (problem
            is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException or DivideByZeroException)
        {
            throw new LowbitException($"it cannot be computed from {string.Join(", ", inputs.Select(input => input?.Shape is { } shape ? NdArray.Text(shape) : "nothing"))}", problem);
        }

        static NdArray? Array(TensorFact? input) => input is null ? null
            : input.Value ?? NdArray.Zeros(input.Shape ?? throw new LowbitException("the size of its input depends on the image"), input.Type ?? ElementType.Float);
    }

    /// <summary>What ONNX Runtime computes without a look at it, and the processor cannot.</summary>
    static void Refuse(OnnxNode node, IReadOnlyList<TensorFact?> inputs)
    {
        WindowCheck.Check(node, inputs);
        SizeCheck.Check(node, inputs);
        bool divides = node.Kind is "Div" or "Mod" && inputs is [{ Type: { } type }, ..] && type.IsInteger();
        if (divides && inputs.ElementAtOrDefault(1)?.Value is not { } divisor) throw new LowbitException("it divides integers by what may be 0");
        else if (divides && inputs[1]!.Value!.Data.Contains(0)) throw new LowbitException("it divides by zero");
    }

    static LowbitException Translated(OnnxNode node, OnnxRuntimeException problem)
    {
        if (problem.Message.Contains("is not a registered function/op", StringComparison.Ordinal)) return OperatorTable.Unsupported(node);
        return new(OneLine(problem.Message), problem);
    }

    /// <summary>ONNX Runtime's own sentence, without where in its sources it was said.</summary>
    public static string OneLine(string message)
    {
        string text = string.Join(' ', message.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return $"ONNX Runtime says: {(text.Length > 300 ? text[..300] + "..." : text).TrimEnd('.')}";
    }
}
