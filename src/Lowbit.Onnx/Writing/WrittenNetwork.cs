using Lowbit.Graphs;
using Lowbit.Networks;

namespace Lowbit.Export.Writing;

/// <summary>A network while it is written: where its nodes go, and what the tensors of those that are written are called.</summary>
sealed class WrittenNetwork(Network network, OnnxGraphWriter file, IQuantizedForm form)
{
    readonly Dictionary<string, string> values = [];

    public Network Network => network;

    public Graph Graph => network.Graph;

    public OnnxGraphWriter File => file;

    public IQuantizedForm Form => form;

    /// <summary>The file's tensor that is the value of a node.</summary>
    public string this[string node]
    {
        get => values[node];
        set => values[node] = value;
    }
}
