namespace Lowbit.Graphs.Nodes;

/// <summary>x where it is positive, else slope * x. Maas et al. 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models".</summary>
/// <param name="Name">The node's name.</param>
/// <param name="From">The node whose value it takes.</param>
/// <param name="Slope">What negative values are multiplied by, 0 to 1.</param>
public sealed record LeakyRelu(string Name, string From, double Slope) : UnaryNode(Name, From)
{
    /// <inheritdoc/>
    public override string Kind => "leaky relu";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Slope is >= 0 and <= 1
        ? inputs[0]
        : throw Refuse($"a slope of {Slope} is not possible; it is 0 to 1");

    internal override Pointwise Pointwise => Pointwise.Alike;

    internal override Node WithSinglePrecision() => this with { Slope = (float)Slope };
}

/// <summary>Leaky ReLUs in networks that are being written.</summary>
public static class LeakyReluBuilding
{
    /// <summary>x where it is positive, else slope * x.</summary>
    public static GraphBuilder LeakyRelu(this GraphBuilder x, double slope = 0.125, string? name = null) =>
        x.Then("leaky", (node, from) => new LeakyRelu(node, from, slope), name);
}
