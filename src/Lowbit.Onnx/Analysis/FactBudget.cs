namespace Lowbit.Export.Analysis;

/// <summary>
/// Counts what running a file by ONNX Runtime takes, node by node, from shapes. Constants count to the end: what ONNX Runtime computes
/// before it runs, it keeps.
/// </summary>
/// <param name="budget">What is allowed.</param>
/// <param name="images">Images that it is run for at a time.</param>
/// <param name="mustKnow">Whether what cannot be counted is refused; otherwise it counts as nothing.</param>
sealed class FactBudget(OnnxBudget budget, int images, bool mustKnow = true)
{
    double constant, alive, operations;

    /// <summary>Bytes of the constants.</summary>
    public double ConstantBytes => constant;

    /// <summary>Bytes that are alive at most at a time beside the constants.</summary>
    public double Peak { get; private set; }

    /// <summary>Counts what is there before the first node.</summary>
    public void Begin(IEnumerable<TensorFact> tensors)
    {
        foreach (var tensor in tensors) Add(tensor);
        Check();
    }

    /// <summary>Counts a node.</summary>
    /// <exception cref="LowbitException">It takes more than is allowed, or what it takes cannot be known before it runs.</exception>
    public void Pass(OnnxNode node, IReadOnlyList<TensorFact?> inputs, IReadOnlyList<TensorFact> outputs)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            if (node.Outputs[i] is "") continue;
            if (outputs[i].Shape is null && mustKnow) throw new LowbitException($"the size of its output {node.Outputs[i]} cannot be known before it runs");
            Add(outputs[i]);
        }
        Check();
        operations += NodeWork.Operations(node, inputs, outputs) ?? (mustKnow ? throw new LowbitException("what it computes cannot be known before it runs") : 0);
        if (operations / images > budget.Operations) throw budget.TooManyOperations(operations / images);
    }

    public void Release(IEnumerable<TensorFact> tensors)
    {
        foreach (var tensor in tensors.Where(tensor => !tensor.IsConstant)) alive -= tensor.Bytes ?? 0;
    }

    void Add(TensorFact tensor)
    {
        if (tensor.IsConstant) constant += tensor.Bytes ?? 0;
        else alive += tensor.Bytes ?? 0;
    }

    void Check()
    {
        Peak = Math.Max(Peak, alive);
        if (constant + alive > budget.Memory) throw budget.TooMuchMemory(constant + alive);
    }
}
