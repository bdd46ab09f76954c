using Lowbit.Graphs.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>The weights and the bias of a layer.</summary>
static class WeightsWriter
{
    /// <summary>Writes the weights, quantized where the layer says so.</summary>
    public static string Write(WrittenNetwork network, IWeighted layer)
    {
        if (layer.WeightQuantizer is not null) return network.Form.Weights(network, layer);
        var weights = FloatTensor.Of(network.Network.WeightsToRound(layer.Name));
        return network.File.Floats($"{layer.Name}.weight", weights.Values, weights.Shape);
    }

    /// <summary>Writes the bias as a plain constant, a quantized one as its quantized values: tools take no quantizer there.</summary>
    /// <returns>The bias's name, or nothing where the layer has none.</returns>
    public static IEnumerable<string> WriteBias(WrittenNetwork network, IWeighted layer)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return network.Network.BiasOf(layer.Name) is { } bias ? [network.File.Floats($"{layer.Name}.bias", FloatTensor.Of(bias).Values, bias.shape)] : [];
    }
}
