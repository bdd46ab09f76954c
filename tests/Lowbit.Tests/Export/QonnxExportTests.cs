using Google.Protobuf;
using Lowbit.Export;
using Lowbit.Export.Interpretation;
using Lowbit.Export.Writing;
using Lowbit.Tests.Networks;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Networks that Brevitas trained, written by Lowbit, give the logits that Brevitas computed.</summary>
public sealed class QonnxExportTests : IDisposable
{
    const double Tolerance = 1e-5;

    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    static readonly ExportOptions[] Options =
    [
        new(),
        new() { QuantizedWeights = true, Batch = null },
        new() { Target = ExportTarget.Finn010, Batch = 4 },
        new() { Target = ExportTarget.Hls4ml },
    ];

    public static IEnumerable<TheoryDataRow<string, int>> Cases =>
        BrevitasModels.Names.SelectMany(name => Enumerable.Range(0, Options.Length).Select(option => new TheoryDataRow<string, int>(name, option)));

    [Theory, MemberData(nameof(Cases))]
    public void A_reference_network_keeps_its_logits(string name, int option)
    {
        using var scope = NewDisposeScope();
        var (network, images, logits) = ReferenceNetwork.Read(name);
        using (network) File.WriteAllBytes(path, NetworkWriter.Write(network, Options[option]).ToByteArray());   // without the target's check
        using var file = OnnxNetwork.Load(path);
        Close.Assert(logits, file.Run(images), Tolerance, "the logits");
    }

    [Theory, MemberData(nameof(Names))]
    public void It_holds_the_quantizers_and_scales_of_Brevitas_own_file(string name)
    {
        using var scope = NewDisposeScope();
        var (network, _, _) = ReferenceNetwork.Read(name);
        using (network) OnnxExport.Write(network, path, new());
        var theirs = Quantizers(GoldenFiles.PathOf($"{name}.qonnx.onnx"));
        var ours = Quantizers(path);
        Assert.Equal(theirs.Select(quantizer => quantizer.Kind), ours.Select(quantizer => quantizer.Kind));
        Assert.All(theirs.Zip(ours), pair => Assert.All(pair.First.Scale.Zip(pair.Second.Scale), scale => Assert.Equal(scale.First, scale.Second, 1e-6 * scale.First)));
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests)), InlineData(1), InlineData(4)]
    public void Weights_have_one_scale_a_layer_for_hls4ml_and_the_same_values(int bits)
    {
        using var trained = TrainedNetwork.Of("name: quant_resnet20",
            $"weight_bit_width: {bits}, out_weight_bit_width: {bits}, act_bit_width: 4, weight_quantizer: power_of_two, act_quantizer: power_of_two", imageSize: 8, images: 8);
        Assert.Contains(trained.Network.Graph.WeightedNodes, layer => trained.Network.WeightsOf(layer.Name).Scale!.unique().output.numel() > 1);   // else there is nothing to join

        OnnxExport.WriteVerified(trained.Network, path, new() { Target = ExportTarget.Hls4ml, Input = ExportInput.Normalized }, trained.Images);

        var constants = OnnxModel.Read(path).Initializers;
        Assert.All(trained.Network.Graph.WeightedNodes, layer => Assert.Single(constants[$"{layer.Name}.weight.quant.scale"].Read().Data.Distinct()));
    }

    public static IEnumerable<TheoryDataRow<string>> Names => BrevitasModels.Names.Select(name => new TheoryDataRow<string>(name));

    /// <summary>What each quantizer does, and its scales, in an order that does not depend on the file's; those of biases, which Brevitas alone writes, left out.</summary>
    static List<(string Kind, double[] Scale)> Quantizers(string path)
    {
        var model = OnnxModel.Read(path);
        var constants = FoldedGraph.Of(model, [.. model.Nodes.SelectMany(node => node.Inputs)], OnnxBudget.Default).Constants;
        var biases = model.Nodes.Where(node => node.Kind is "Gemm" or "Conv").Select(node => node.Inputs.ElementAtOrDefault(2)).ToHashSet();
        return [.. model.Nodes
            .Where(node => node.Domain == OnnxNode.Qonnx && !biases.Contains(node.Outputs[0]))
            .Select(node => ($"{node.Kind} {Parameters(node)}", constants[node.Inputs[1]].Data))
            .OrderBy(quantizer => quantizer.Item1, StringComparer.Ordinal).ThenBy(quantizer => quantizer.Data.Length).ThenBy(quantizer => quantizer.Data[0])];

        string Parameters(OnnxNode node) => string.Join(' ',
            [.. node.Inputs.Skip(node.Kind == "Trunc" ? 5 : 2).Select(input => constants[input].Single()), node.Flag("signed"), node.Flag("narrow"), node.Text("rounding_mode", "")]);
    }

    public void Dispose() => File.Delete(path);
}
