using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>What quantizers round, in steps: x / s + z, float64.</summary>
static class QuantizerLevels
{
    /// <summary>Those of each quantizer of a network that runs node by node, by the quantizer's name; they belong to the caller's scope.</summary>
    public static Dictionary<string, Tensor> Of(Network network, Tensor images)
    {
        var levels = new Dictionary<string, Tensor>();
        var takers = network.Graph.Nodes.OfType<Quantize>().ToLookup(quantizer => quantizer.From);
        foreach (Quantize taker in takers[network.Graph.Nodes[0].Name]) levels.Add(taker.Name, Rounded(taker, images));   // no step computes the input
        network.Run(images, (node, value) =>
        {
            foreach (Quantize taker in takers[node.Name]) levels.Add(taker.Name, Rounded(taker, value.Value).MoveToOuterDisposeScope());
        }).Dispose();
        return levels;

        Tensor Rounded(Quantize taker, Tensor value)
        {
            var (scale, zeroPoint) = network.ActivationOf(taker.Name).EvaluationScale;
            return Of(value, scale, zeroPoint);
        }
    }

    /// <summary>Those of values of a scale and a zero point (null for 0).</summary>
    public static Tensor Of(Tensor value, Tensor scale, Tensor? zeroPoint)
    {
        Tensor levels = value.to(float64) / scale.to(float64);
        return zeroPoint is null ? levels : levels.add(zeroPoint.to(float64), alpha: CachedScalar.Of(1));
    }

    /// <summary>The integers that levels are rounded to.</summary>
    public static Tensor Integers(Tensor levels, IntegerRange range) =>
        range.IsBinary ? levels.ge(CachedScalar.Of(0)).to(float64) * CachedScalar.Of(2) - CachedScalar.Of(1) : levels.round().clamp(CachedScalar.Of(range.Low), CachedScalar.Of(range.High));

    /// <summary>How far each level is from the middle between two integers; from 0, where a sign is taken.</summary>
    public static Tensor DistanceFromTie(Tensor levels, IntegerRange range) => range.IsBinary ? levels.abs() : (levels - levels.floor() - CachedScalar.Of(0.5)).abs();
}
