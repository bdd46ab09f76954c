namespace Lowbit.Export;

/// <summary>
/// Puts nodes in an order in which they can be computed; files in the wild do not always have the one that the standard asks for.
/// </summary>
static class TopologicalOrder
{
    /// <summary>The nodes, each after those whose outputs it reads, otherwise as they came.</summary>
    /// <param name="nodes">The nodes as they stand in the file.</param>
    /// <param name="isGiven">Whether a tensor is there before any node is computed.</param>
    /// <exception cref="LowbitException">A tensor is made twice, or never, or the nodes wait for each other in a circle.</exception>
    public static IReadOnlyList<OnnxNode> Of(IReadOnlyList<OnnxNode> nodes, Func<string, bool> isGiven)
    {
        var makers = Makers(nodes);
        var readers = nodes.Select(_ => new List<int>()).ToArray();
        int[] awaited = new int[nodes.Count];
        for (int reader = 0; reader < nodes.Count; reader++)
        {
            foreach (string input in nodes[reader].Reads.Where(input => !isGiven(input)))
            {
                if (!makers.TryGetValue(input, out int maker))
                    throw new LowbitException(
                        $"node {nodes[reader].Name} reads {input}, which is neither the input, an initializer, nor made by a node");
                readers[maker].Add(reader);
                awaited[reader]++;
            }
        }

        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, nodes.Count).Where(i => awaited[i] == 0).Select(i => (i, i)));
        var ordered = new List<OnnxNode>(nodes.Count);
        while (ready.TryDequeue(out int next, out _))
        {
            ordered.Add(nodes[next]);
            foreach (int reader in readers[next])
                if (--awaited[reader] == 0)
                    ready.Enqueue(reader, reader);
        }
        return ordered.Count == nodes.Count
            ? ordered
            : throw new LowbitException(
                $"node {nodes[Array.FindIndex(awaited, count => count > 0)].Name} waits for its own output, directly or through others");
    }

    static Dictionary<string, int> Makers(IReadOnlyList<OnnxNode> nodes)
    {
        var makers = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Count; i++)
            foreach (string output in nodes[i].Outputs.Where(output => output is not ""))
                if (!makers.TryAdd(output, i))
                    throw new LowbitException($"tensor {output} is made by two nodes, {nodes[makers[output]].Name} and {nodes[i].Name}");
        return makers;
    }
}
