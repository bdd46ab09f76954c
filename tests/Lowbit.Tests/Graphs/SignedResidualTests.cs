using Lowbit.Graphs;
using Lowbit.Graphs.Integers;
using Lowbit.Graphs.Nodes;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Graphs;

/// <summary>What the pass does to the operands of an add where branches stay signed: one scale, no ReLU that the float network has not, unsigned where a value cannot be negative.</summary>
public class SignedResidualTests
{
    static GraphBuilder Images => new(new Shape(3, 8, 8));

    static GraphBuilder ConvBn(GraphBuilder x) => x.Conv(4, kernel: 3).BatchNorm();

    [Theory, InlineData(ResidualForm.Signed), InlineData(ResidualForm.Relu)]
    public async Task Sums_of_sums_take_no_longer_than_other_nodes(ResidualForm form)
    {
        GraphBuilder x = Images.Relu();
        for (int i = 0; i < 100; i++) x = x.Add(x);
        Graph graph = x.ToGraph();
        await Task.Run(() => graph.Quantize(new() { Residual = form }), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    static Graph Quantized(GraphBuilder x)
    {
        Graph graph = x.ToGraph(), quantized = graph.Quantize(QuantizationSpec.Brevitas with { WeightBitWidth = 4, ActivationBitWidth = 4, Residual = ResidualForm.Signed });
        Fits.Integers(quantized, graph);
        Assert.Equal(graph.Nodes.OfType<Relu>().Count(), quantized.Nodes.OfType<Relu>().Count());
        Assert.All(quantized.Nodes.OfType<BatchNorm>(), norm => Assert.Equal(1, norm.InitialWeight));
        return quantized;
    }

    static void AssertQuantizer(Graph graph, string name, string from, bool signed, string? sharedWith)
    {
        var node = (Quantize)graph[name];
        Assert.Equal((from, signed, sharedWith), (node.From, node.Quantizer.Signed, node.SharedWith));
    }

    [Fact]
    public void The_branch_of_a_residual_block_is_signed_at_the_scale_of_its_unsigned_identity()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(x).Relu().Linear(10));
        AssertQuantizer(graph, "bn2.quant", "bn2", signed: true, "relu1.quant");
        AssertQuantizer(graph, "relu1.quant", "relu1", signed: false, null);
        Assert.Equal(new Add("add1", "bn2.quant", "relu1.quant"), graph["add1"]);
        AssertQuantizer(graph, "relu2.quant", "relu2", signed: false, null);
        Assert.Equal(new IntegerRange(-8, 22), graph.Integers.TypeOf("add1")!.Range);
        Assert.Equal(new IntegerRange(0, 22), graph.Integers.TypeOf("relu2")!.Range);
    }

    [Fact]
    public void Two_branches_before_a_relu_are_both_signed()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(ConvBn(x)).Relu().Linear(10));
        AssertQuantizer(graph, "bn2.quant", "bn2", signed: true, null);
        AssertQuantizer(graph, "bn3.quant", "bn3", signed: true, "bn2.quant");
    }

    [Fact]
    public void A_linear_sum_of_an_unsigned_and_a_signed_value_is_signed()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Add(x).Linear(10));
        AssertQuantizer(graph, "relu1.quant", "relu1", signed: false, null);
        AssertQuantizer(graph, "bn2.quant", "bn2", signed: true, "relu1.quant");
        AssertQuantizer(graph, "flatten1.quant", "flatten1", signed: true, null);
    }

    [Fact]
    public void Sums_of_values_that_are_never_negative_stay_unsigned()
    {
        var x = Images.ConvBnRelu(4, kernel: 3);
        Graph graph = Quantized(ConvBn(x).Relu().Add(x).Linear(10));
        Assert.All(graph.Nodes.OfType<Quantize>().Skip(1), node => Assert.False(node.Quantizer.Signed));
    }

    public static TheoryData<string> Residual => [.. ModelZoo.Names.Where(name => name.StartsWith("quant_resnet", StringComparison.Ordinal) || name == "quant_mobilenetv2")];

    [Theory, MemberData(nameof(Residual))]
    public void Every_residual_network_of_the_zoo_adds_integers_of_one_scale_without_further_relus(string name)
    {
        var spec = new ModelSpec(name, new(3, 32, 32), 10);
        Graph original = ModelZoo.Build(spec with { Name = name[ModelZoo.QuantizedPrefix.Length..] });
        Graph graph = ModelZoo.Build(spec, new() { Residual = ResidualForm.Signed });
        Fits.Integers(graph, original);
        Assert.Equal(original.Nodes.OfType<Relu>().Count(), graph.Nodes.OfType<Relu>().Count());
        Assert.All(graph.Nodes.OfType<Add>(), add => Assert.IsType<IntegerType>(graph.Integers.TypeOf(add.Name)));
    }
}
