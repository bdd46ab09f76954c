using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>Normalization of the whole tensor, with single numbers: (x - mean) * (weight / sqrt(variance + epsilon)) + bias.</summary>
static class TensorNormWriter
{
    public static string Write(WrittenNetwork network, TensorNorm norm)
    {
        var state = network.Network.StateOf(norm.Name).ToDictionary(entry => entry.Name, entry => FloatTensor.Of(entry.Tensor).Values[0]);
        var file = network.File;
        double factor = state["weight"] / Math.Sqrt(state["running_var"] + norm.Epsilon);
        string centered = file.Node("Sub", $"{norm.Name}.centered", [network[norm.From], file.Scalar($"{norm.Name}.mean", state["running_mean"])]);
        string scaled = file.Node("Mul", $"{norm.Name}.scaled", [centered, file.Scalar($"{norm.Name}.factor", factor)]);
        return file.Node("Add", norm.Name, [scaled, file.Scalar($"{norm.Name}.bias", state["bias"])]);
    }
}
