using Lowbit.Graphs;

namespace Lowbit.Networks;

/// <summary>What is wrong with the value of a node.</summary>
enum NodeFault
{
    /// <summary>It holds what is not a finite number.</summary>
    NotFinite,

    /// <summary>It is the same for every image, so that nothing after it can tell images apart.</summary>
    Constant,

    /// <summary>The same, because the scale of a quantizer is so large that all it takes is rounded to 0.</summary>
    ScaleTooLarge,

    /// <summary>The same, because the scale of a quantizer is so small that all it takes is cut to the outermost integers.</summary>
    ScaleTooSmall,

    /// <summary>The same, because all weights are rounded to 0.</summary>
    WeightsAreZero,

    /// <summary>Half of its channels or more are 0 for every image.</summary>
    DeadChannels,
}

/// <summary>A node that explains why a network gives nothing of use.</summary>
/// <param name="Node">The node.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Text">A description, which follows a colon in an error message.</param>
sealed record NodeFinding(Node Node, NodeFault Fault, string Text);
