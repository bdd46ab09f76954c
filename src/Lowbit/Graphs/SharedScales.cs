using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Which values of a float network must share a scale once they are quantized, and whether its integers are signed. Integers can be added
/// only at one scale, so the operands of an add form a group, joined with all groups that they belong to already; any other value is a
/// group of its own. Pools of maxima and flattening keep a scale, so we look through them.
/// </summary>
sealed class SharedScales
{
    readonly Graph graph;
    readonly string images;
    readonly Dictionary<string, string> joined = [];
    readonly HashSet<string> signed = [];

    /// <param name="graph">The float network.</param>
    /// <param name="images">The node whose value is the (normalized) images.</param>
    public SharedScales(Graph graph, string images)
    {
        (this.graph, this.images) = (graph, images);
        foreach (Add add in graph.Nodes.OfType<Add>())
            if (GroupOf(add.Left) is var left && GroupOf(add.Right) is var right && left != right) joined.Add(left, right);
        FindSigned();
    }

    /// <summary>What names the group of a value.</summary>
    public string GroupOf(string value) =>
        graph[value] is MaxPool or Flatten ? GroupOf(graph[value].Inputs[0])
        : joined.TryGetValue(value, out string? other) ? GroupOf(other)
        : value;

    /// <summary>Whether the integers of a group are signed: where a value of it can be negative, and <see cref="MayBeRectified"/> does not hold.</summary>
    public bool IsSigned(string group) => signed.Contains(group);

    /// <summary>Whether a value is never negative.</summary>
    public bool IsPositive(string value) => value != images && graph[value] switch
    {
        Relu => true,
        Add add => !IsSigned(GroupOf(add.Left)),
        MaxPool or Flatten or AveragePool => IsPositive(graph[value].Inputs[0]),
        _ => false,
    };

    /// <summary>Whether a ReLU is put behind a value because it is added to one that is never negative: a residual branch beside its block's own input.</summary>
    public bool IsRectifiedBranch(string value) =>
        MayBeRectified(value) && !IsSigned(GroupOf(value)) && graph.ConsumersOf(value).OfType<Add>().All(add => IsPositive(add.Left) || IsPositive(add.Right));

    /// <summary>
    /// Whether a ReLU may be put behind a value to make it unsigned: where only adds take it, and only ReLUs take their sums.
    /// Brevitas's quantized ResNets do the same, because FINN maps no add of signed values.
    /// </summary>
    bool MayBeRectified(string value) => value != images && AllTake<Add>(value) && graph.ConsumersOf(value).All(add => AllTake<Relu>(add.Name));

    bool AllTake<T>(string value) => graph.ConsumersOf(value).Any() && graph.ConsumersOf(value).All(consumer => consumer is T);

    /// <summary>A sum is signed if its operands' group is, which may make its own group signed, and so on: repeated until nothing changes.</summary>
    void FindSigned()
    {
        int before;
        do
        {
            before = signed.Count;
            signed.UnionWith(graph.Nodes.Where(node => !IsPositive(node.Name) && !MayBeRectified(node.Name)).Select(node => GroupOf(node.Name)));
        }
        while (signed.Count > before);
    }
}
