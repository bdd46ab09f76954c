using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>Batch normalization stays a node, with its running statistics: compilers fold it themselves.</summary>
static class BatchNormWriter
{
    static readonly string[] Parameters = ["weight", "bias", "running_mean", "running_var"];

    public static string Write(WrittenNetwork network, BatchNorm norm)
    {
        var state = network.Network.StateOf(norm.Name).ToDictionary(entry => entry.Name, entry => FloatTensor.Of(entry.Tensor));
        var parameters = Parameters.Select(name => network.File.Floats($"{norm.Name}.{name}", state[name].Values, state[name].Shape));
        return network.File.Node("BatchNormalization", norm.Name, [network[norm.From], .. parameters], [("epsilon", norm.Epsilon), ("momentum", 1 - norm.Momentum)]);
    }
}
