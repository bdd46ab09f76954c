namespace Lowbit.Graphs.Nodes;

/// <summary>max(x, 0).</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
public sealed record Relu(string Name, string From) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "relu";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}
