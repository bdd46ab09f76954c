namespace Lowbit.Export.Interpretation;

/// <summary>When tensors are no longer needed.</summary>
static class Lifetimes
{
    /// <summary>With each node, the tensors that no later node reads.</summary>
    /// <param name="nodes">In the order in which they are computed.</param>
    /// <param name="kept">Tensors that are needed to the end.</param>
    public static IReadOnlyList<(OnnxNode Node, string[] Spent)> Of(IReadOnlyList<OnnxNode> nodes, IEnumerable<string> kept)
    {
        var seen = new HashSet<string>(kept) { "" };
        var result = new (OnnxNode, string[])[nodes.Count];
        for (int i = nodes.Count - 1; i >= 0; i--)
            result[i] = (nodes[i], [.. nodes[i].Reads.Concat(nodes[i].Outputs).Where(seen.Add)]);
        return result;
    }
}
