using Lowbit.Export.Verification;
using Lowbit.Export.Writing;
using Lowbit.Integers;
using Lowbit.Networks;
using Lowbit.Runtime;
using Onnx;
using static TorchSharp.torch;

namespace Lowbit.Export.Folding;

/// <summary>A network as standard ONNX that engines compute in integers, and the integer network that it was written from.</summary>
/// <param name="Model">The file.</param>
/// <param name="Integers">The integer network.</param>
/// <param name="Values">The bytes of each of its values that the file computes, by the name of the integer network's node.</param>
sealed record FoldedNetwork(ModelProto Model, IntegerNetwork Integers, IReadOnlyDictionary<string, WrittenInteger> Values)
{
    /// <summary>Writes a network, in evaluation mode.</summary>
    /// <exception cref="LowbitException">The network has parts that are not integers, or no form in bytes; names the node.</exception>
    public static FoldedNetwork Of(Network network, ExportOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Network exact = DoublePrecision.Of(network, options.Input == ExportInput.Normalized);
        var (integers, form) = IntegerForm.Of(network, exact, pixels => ExportImages.Of(network, pixels, options.Input).to(float64));
        WeightStorage storage = options.Weights ?? SmallestFor(options.Target, integers);
        var graph = new GraphProto { Name = "lowbit" };
        var file = new OnnxGraphWriter(graph.Node, graph.Initializer, isNamed: false);
        var weights = new IntegerWeights(file, storage);
        var writer = new FoldedGraphWriter(integers, NominalScales.Of(integers, form), file, weights, options.Input == ExportInput.Pixels);
        writer.Write();
        bool unpacks = writer.Functions.Any();
        long version = unpacks ? BitPacking.StandardVersion : storage == WeightStorage.Int4 ? QcdqForm.FourBitVersion : QcdqForm.OldVersion;
        ModelProto model = NetworkWriter.Model(network, graph, unpacks ? [("", version), (BitPacking.Domain, 1)] : [("", version)], options);
        model.Functions.AddRange(writer.Functions);
        if (storage == WeightStorage.Int8) return new(model, integers, writer.Values);
        var names = ShortNames.Apply(graph);
        return new(model, integers, writer.Values.ToDictionary(entry => entry.Key, entry => entry.Value with { Bytes = names[entry.Value.Bytes] }));
    }

    /// <summary>The smallest form that a target computes in integers: OpenVINO does not fold what unpacks single bits.</summary>
    static WeightStorage SmallestFor(ExportTarget target, IntegerNetwork network)
    {
        int fewest = network.Nodes.Select(FoldedGraphWriter.WeightsOf).Min(weights => weights?.BitWidth ?? 8);
        return fewest == 8 ? WeightStorage.Int8 : target == ExportTarget.OnnxRuntime ? WeightStorage.Bits : fewest <= 4 ? WeightStorage.Int4 : WeightStorage.Int8;
    }
}
