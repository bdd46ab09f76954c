using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using Lowbit.Tests.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>A network with the state that Brevitas trained, and what it gives for some images.</summary>
sealed record ReferenceNetwork(Network Network, Tensor Images, Tensor Logits)
{
    /// <summary>Reads a reference; its tensors belong to the caller's scope.</summary>
    public static ReferenceNetwork Read(string name)
    {
        var file = GoldenFiles.Tensors(name);
        Tensor x = file["x"];
        var state = file.Where(entry => entry.Key.StartsWith("state/", StringComparison.Ordinal)).ToDictionary(entry => entry.Key[6..], entry => entry.Value);
        var network = new Network(BrevitasModels.Build(name, new Shape((int)x.shape[1], (int)x.shape[2], (int)x.shape[3]), state));
        Assert.True(BrevitasState.Import(network, state).IsComplete);
        network.eval();
        return new(network, x, file["eval_logits"]);
    }
}
