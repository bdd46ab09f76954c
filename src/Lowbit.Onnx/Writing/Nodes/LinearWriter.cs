using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>A linear layer as Gemm. Readers want its bias even where the layer has none: zeros then.</summary>
static class LinearWriter
{
    public static string Write(WrittenNetwork network, Linear linear)
    {
        string weights = WeightsWriter.Write(network, linear);
        string bias = WeightsWriter.WriteBias(network, linear).SingleOrDefault()
            ?? network.File.Floats($"{linear.Name}.bias", new float[linear.Channels], linear.Channels);
        return network.File.Node("Gemm", linear.Name, [network[linear.From], weights, bias], [("alpha", 1.0), ("beta", 1.0), ("transA", 0), ("transB", 1)]);
    }
}
