using Lowbit.Graphs.Nodes;

namespace Lowbit.Graphs;

/// <summary>
/// Which values of a float network must share a scale once they are quantized, and which of them are signed. Integers can be added only at one scale, so
/// the operands of an add form a group, joined with all groups that they belong to already; any other value is a group of its own. Pools of maxima and
/// flattening keep a scale, so we look through them.
/// </summary>
sealed class ScaleGroups
{
    readonly Graph graph;
    readonly string images;
    readonly ResidualForm form;
    readonly Dictionary<string, string> joined = [];
    readonly HashSet<string> signed = [];
    readonly Dictionary<string, bool> positive = [];
    readonly HashSet<string> streams;

    /// <param name="graph">The float network.</param>
    /// <param name="images">The node whose value is the (normalized) images.</param>
    /// <param name="form">What happens to branches that can be negative.</param>
    public ScaleGroups(Graph graph, string images, ResidualForm form)
    {
        (this.graph, this.images, this.form) = (graph, images, form);
        foreach (Add add in graph.Nodes.OfType<Add>())
            if (GroupOf(add.Left) is var left && GroupOf(add.Right) is var right && left != right) joined.Add(left, right);
        if (form == ResidualForm.Relu) FindSigned();
        streams = [.. graph.Nodes.OfType<Add>().SelectMany(add => new[] { add.Left, add.Name }.Concat(graph.ConsumersOf(add.Name).OfType<Relu>().Select(relu => relu.Name))).Select(GroupOf)];
    }

    /// <summary>Whether a value is one of a residual stream: what is added up, or a sum, perhaps after its ReLU.</summary>
    public bool IsStream(string value) => streams.Contains(GroupOf(value));

    /// <summary>Whether a layer projects a residual stream into an add, beside a branch: nothing but its batch norm lies between, and the stream itself is not added.</summary>
    public bool IsShortcut(Node layer)
    {
        Node[] readers = [.. graph.ConsumersOf(layer.Name)];
        string result = readers is [BatchNorm norm] ? norm.Name : layer.Name;
        return IsStream(layer.Inputs[0])
            && graph.ConsumersOf(result).ToArray() is [Add add]
            && add.Left != layer.Inputs[0] && add.Right != layer.Inputs[0];
    }

    /// <summary>What names the group of a value.</summary>
    public string GroupOf(string value) =>
        graph[value].KeepsScale ? GroupOf(graph[value].Inputs[0])
        : joined.TryGetValue(value, out string? other) ? GroupOf(other)
        : value;

    /// <summary>
    /// Whether the integers of a value are signed. With <see cref="ResidualForm.Signed"/> where the value can be negative; with <see cref="ResidualForm.Relu"/>
    /// where any value of its group can, unless <see cref="MayBeRectified"/> holds for it.
    /// </summary>
    public bool IsSigned(string value) => form == ResidualForm.Signed ? !IsPositive(value) : signed.Contains(GroupOf(value));

    /// <summary>Whether a value is never negative.</summary>
    public bool IsPositive(string value)
    {
        if (!positive.TryGetValue(value, out bool known))
        {
            known = value != images
                && (graph[value] is Add add && form == ResidualForm.Relu ? !IsSigned(add.Left) : graph[value].IsPositive([.. graph[value].Inputs.Select(IsPositive)]));
            positive.Add(value, known);
        }
        return known;
    }

    /// <summary>Whether a ReLU is put after a value because it is added to one that is never negative: a residual branch beside its block's own input.</summary>
    public bool IsRectifiedBranch(string value) =>
        MayBeRectified(value) && !IsSigned(value) && graph.ConsumersOf(value).OfType<Add>().All(add => IsPositive(add.Left) || IsPositive(add.Right));

    /// <summary>Whether a ReLU may be put after a value to make it unsigned, as Brevitas's quantized ResNets do: where only adds take it, and only ReLUs take their sums.</summary>
    bool MayBeRectified(string value) => form == ResidualForm.Relu
        && value != images && AllTake<Add>(value) && graph.ConsumersOf(value).All(add => AllTake<Relu>(add.Name));

    bool AllTake<T>(string value) => graph.ConsumersOf(value).Any() && graph.ConsumersOf(value).All(consumer => consumer is T);

    /// <summary>A sum is signed if its operands' group is, which may make its own group signed, and so on: repeated until nothing changes.</summary>
    void FindSigned()
    {
        int before;
        do
        {
            before = signed.Count;
            positive.Clear();
            signed.UnionWith(graph.Nodes.Where(node => !IsPositive(node.Name) && !MayBeRectified(node.Name)).Select(node => GroupOf(node.Name)));
        }
        while (signed.Count > before);
    }
}
