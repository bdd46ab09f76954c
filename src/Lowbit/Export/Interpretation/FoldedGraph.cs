namespace Lowbit.Export.Interpretation;

/// <summary>A file's graph with everything computed that does not depend on the image: the quantized weights above all.</summary>
/// <param name="Constants">Initializers, and what nodes compute from nothing else.</param>
/// <param name="PerImage">The nodes that are left to compute, in their order.</param>
sealed record FoldedGraph(Dictionary<string, NdArray> Constants, IReadOnlyList<OnnxNode> PerImage)
{
    public static FoldedGraph Of(OnnxModel model)
    {
        var constants = new Dictionary<string, NdArray>(model.Initializers);
        var perImage = new List<OnnxNode>();
        foreach (var node in model.Nodes)
        {
            if (node.Inputs.All(input => input is "" || constants.ContainsKey(input)))
                Interpreter.Compute(model, node, constants);
            else
                perImage.Add(node);
        }
        return new(constants, perImage);
    }
}
