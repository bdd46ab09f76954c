using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>The largest value of each window, as MaxPool.</summary>
static class MaxPoolWriter
{
    public static string Write(WrittenNetwork network, MaxPool pool) => network.File.Node("MaxPool", pool.Name, [network[pool.From]],
        [("ceil_mode", 0), WindowAttributes.NotDilated, .. WindowAttributes.Of(pool.Kernel, pool.Stride, pool.Padding)]);
}
