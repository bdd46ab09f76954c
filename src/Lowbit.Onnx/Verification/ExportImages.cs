using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Export.Verification;

/// <summary>Images as an exported file takes them.</summary>
static class ExportImages
{
    /// <summary>Raw pixels, or images normalized as the network does it; float32.</summary>
    public static Tensor Of(Network network, Tensor pixels, ExportInput input)
    {
        Tensor x = pixels.to(float32).contiguous();
        if (input == ExportInput.Pixels || network.Graph.Nodes.OfType<Normalize>().FirstOrDefault() is not { } normalize) return x;
        return (x - Constants(normalize.Mean)) / Constants(normalize.Std);
    }

    static Tensor Constants(IEnumerable<double> values) => tensor(values.ToArray(), dtype: float32).view(1, -1, 1, 1);
}
