using Lowbit.Graphs;

namespace Lowbit.Training.Oscillations;

/// <summary>The layers in which oscillating weights are looked after: with more bits a step is so small that weights cross it anyway, and normalized weights move all together, so that none can be frozen.</summary>
static class OscillatingLayers
{
    const int MostBits = 4;

    /// <summary>Their names, in the order of the graph.</summary>
    public static IEnumerable<string> Of(Graph graph) =>
        graph.WeightedNodes.Where(layer => layer.WeightQuantizer is { BitWidth: <= MostBits, Normalization: WeightNormalization.None }).Select(layer => layer.Name);

    /// <summary>A value that goes from one to another along half a cosine wave.</summary>
    /// <param name="start">The value at 0.</param>
    /// <param name="end">The value at 1.</param>
    /// <param name="progress">0 to 1.</param>
    public static double Cosine(double start, double end, double progress) => end + (start - end) * (1 + Math.Cos(Math.PI * progress)) / 2;
}
