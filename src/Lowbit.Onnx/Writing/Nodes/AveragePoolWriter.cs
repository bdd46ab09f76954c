using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>The mean of each window, as AveragePool.</summary>
static class AveragePoolWriter
{
    public static string Write(WrittenNetwork network, AveragePool pool, string name) => network.File.Node("AveragePool", name, [network[pool.From]],
        [("ceil_mode", 0), ("count_include_pad", 0), .. WindowAttributes.Of(pool.Kernel, pool.Kernel, 0)]);
}
