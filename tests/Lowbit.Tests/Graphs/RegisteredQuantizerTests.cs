using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Quantization;
using Lowbit.Quantization.Activations;
using Lowbit.Quantization.Weights;
using Lowbit.Tests.Quantization;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Graphs;

/// <summary>Graphs with quantizers of a user's own can be read once these are registered.</summary>
public class RegisteredQuantizerTests
{
    [Fact]
    public void A_graph_is_read_once_its_quantizers_are_registered()
    {
        Graph graph = new GraphBuilder(new Shape(1, 4, 4)).Conv(2, kernel: 3).Relu().ToGraph()
            .Quantize(new() { WeightScale = new HalfRange(), ActivationScale = new OnceLearned() });
        string json = GraphJson.Write(graph);

        string weights = Assert.Throws<LowbitException>(() => GraphJson.Read(json, "run.safetensors")).Message;
        WeightScale.Register(new HalfRange());
        string activations = Assert.Throws<LowbitException>(() => GraphJson.Read(json, "run.safetensors")).Message;
        ActivationScale.Register(new OnceLearned());

        Assert.Equal("run.safetensors: there is no quantizer of weights called half_range; one of your own must be registered (WeightScale.Register) before the file is read", weights);
        Assert.Equal("run.safetensors: there is no quantizer of activations called once_learned; one of your own must be registered (ActivationScale.Register) before the file is read", activations);
        Graph read = GraphJson.Read(json, "run.safetensors");
        Assert.Equal(graph.Nodes, read.Nodes);
        using var network = new Network(read);
        using Tensor images = ones(1, 1, 4, 4);
        network.forward(images).Dispose();
    }

    [Fact]
    public void A_name_belongs_to_one_class()
    {
        WeightScale.Register(new RootMeanSquare());
        WeightScale.Register(new RootMeanSquare());
        Assert.StartsWith("A quantizer of weights cannot be registered as max_abs: Lowbit.Quantization.Weights.MaxAbs has this name",
            Assert.Throws<LowbitException>(() => WeightScale.Register(new AnotherMaxAbs())).Message, StringComparison.Ordinal);
    }

    class HalfRange : WeightFormula
    {
        public override string Name => "half_range";

        public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
            RoundedAndClipped(w, w.abs().max().div(CachedScalar.Of(2 * quantizer.Range.High)), quantizer);
    }

    sealed class AnotherMaxAbs : HalfRange
    {
        public override string Name => "max_abs";
    }

    sealed class OnceLearned : ThresholdFormula
    {
        public override string Name => "once_learned";

        public override Tensor ToThreshold(Tensor parameter) => parameter.abs();
    }
}
