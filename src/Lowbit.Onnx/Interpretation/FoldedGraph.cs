namespace Lowbit.Export.Interpretation;

/// <summary>A file's graph with everything computed that does not depend on the image: the quantized weights above all.</summary>
/// <param name="Constants">What the nodes that are left read of initializers, and of what nodes compute from nothing else.</param>
/// <param name="PerImage">The nodes that are left to compute, in their order.</param>
sealed record FoldedGraph(AliveTensors Constants, IReadOnlyList<OnnxNode> PerImage)
{
    /// <param name="model">The file.</param>
    /// <param name="outputs">The tensors that are wanted.</param>
    /// <param name="budget">What computing the constants may take.</param>
    /// <exception cref="LowbitException">A node cannot be computed, or not within the budget.</exception>
    public static FoldedGraph Of(OnnxModel model, IReadOnlyList<string> outputs, OnnxBudget budget)
    {
        var constant = model.Initializers.Keys.ToHashSet();
        var (folded, perImage) = (new List<OnnxNode>(), new List<OnnxNode>());
        foreach (var node in model.Nodes)
        {
            bool isConstant = node.Reads.All(constant.Contains);
            (isConstant ? folded : perImage).Add(node);
            if (isConstant) constant.UnionWith(node.Outputs);
        }
        string[] kept = [.. perImage.SelectMany(node => node.Inputs).Concat(outputs).Where(constant.Contains).Distinct()];
        var (constants, ledger) = (new AliveTensors(), new Ledger(budget));
        foreach (var (node, spent) in Lifetimes.Of(folded, kept))
        {
            foreach (string input in node.Inputs) Load(input, node.Name);
            Interpreter.Compute(model, node, constants, ledger);
            foreach (string tensor in spent) constants.Remove(tensor);
        }
        foreach (string tensor in kept) Load(tensor, tensor);
        return new(constants, perImage);

        void Load(string tensor, string reader)
        {
            if (constants.Contains(tensor) || !model.Initializers.TryGetValue(tensor, out var stored)) return;
            try
            {
                constants.Add(tensor, ledger.Count(constants.Bytes, stored.Read));
            }
            catch (LowbitException problem)
            {
                throw new LowbitException($"{model.Path} cannot be run: {reader}: {problem.Message}", problem);
            }
        }
    }
}
