using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing.Nodes;

/// <summary>A convolution as Conv, with every attribute that the standard lets one leave out: tools want them.</summary>
static class ConvWriter
{
    public static string Write(WrittenNetwork network, Conv conv)
    {
        string[] inputs = [network[conv.From], WeightsWriter.Write(network, conv), .. WeightsWriter.WriteBias(network, conv)];
        return network.File.Node("Conv", conv.Name, inputs, Attributes(conv.Kernel, conv.Stride, conv.Padding, conv.Groups));
    }

    public static (string, object)[] Attributes(int kernel, int stride, int padding, int groups) =>
    [
        WindowAttributes.NotDilated,
        ("group", groups),
        .. WindowAttributes.Of(kernel, stride, padding),
    ];
}
