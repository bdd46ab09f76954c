using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Networks;

/// <summary>Trained networks move between Brevitas and Lowbit.</summary>
public class BrevitasStateTests
{
    [Fact]
    public void The_zoo_s_cnv_takes_a_state_of_Brevitas_whose_layers_are_named_otherwise()
    {
        GoldenFiles.SkipIfAbsent("cnv_2w2a.safetensors");
        using var scope = NewDisposeScope();
        var file = GoldenFiles.Tensors("cnv_2w2a");
        var state = GoldenFiles.Tensors("cnv_2w2a", "state/");
        using var network = Cnv();

        BrevitasImport import = BrevitasState.Import(network, state);

        Assert.True(import.IsComplete);
        Assert.Contains(("conv_features.11.weight", "conv4.weight"), import.Matched);
        Assert.All(import.Unused, unused => Assert.EndsWith("num_batches_tracked", unused.Name));
        network.eval();
        using var _ = no_grad();
        Close.Assert(file["eval_logits"], network.forward(file["x"].to(float64).mul(CachedScalar.Of(255))), 1e-6, "the logits");
    }

    [Fact]
    public void A_state_goes_out_under_Brevitas_s_names_and_comes_back_the_same()
    {
        using var scope = NewDisposeScope();
        var spec = QuantizationSpec.Brevitas with { WeightBitWidth = 4, ActivationBitWidth = 4 };
        using var trained = new Network(ModelZoo.Build(new("quant_resnet20", new Shape(3, 32, 32), 10), spec));
        foreach (var (_, parameter) in trained.Parameters) using (no_grad()) parameter.add_(rand_like(parameter), CachedScalar.Of(1));
        var exported = BrevitasState.Export(trained).ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using var fresh = new Network(trained.Graph);

        Assert.True(BrevitasState.Import(fresh, exported).IsComplete);

        Assert.Contains("relu1.act_quant.fused_activation_quant_proxy.tensor_quant.scaling_impl.value", exported.Keys);
        foreach (var ((name, tensor), (_, other)) in fresh.Parameters.Zip(trained.Parameters)) Assert.True(tensor.equal(other).all().item<bool>(), name);
    }

    public static IEnumerable<TheoryDataRow<string>> Models => BrevitasModels.Names.Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Models))]
    public void A_state_goes_out_under_the_names_it_came_with_scales_of_shared_quantizers_repeated(string name)
    {
        using var scope = NewDisposeScope();
        var state = GoldenFiles.Tensors(name, "state/");
        long[] images = GoldenFiles.Tensors(name)["x"].shape;
        using var network = new Network(BrevitasModels.Build(name, new Shape((int)images[1], (int)images[2], (int)images[3]), state));
        BrevitasState.Import(network, state);

        var exported = BrevitasState.Export(network, state).ToDictionary(entry => entry.Name, entry => entry.Tensor);

        Assert.Equal(state.Keys.Order(), exported.Keys.Order());
        Assert.All(state, entry => Assert.True(entry.Value.to(float64).equal(exported[entry.Key].to(float64)).all().item<bool>(), entry.Key));
    }

    [Fact]
    public void What_finds_no_place_is_reported_with_its_reason()
    {
        using var scope = NewDisposeScope();
        using var network = new Network(new GraphBuilder(new Shape(1, 8, 8)).Conv(4, kernel: 3, weights: new(4)).Relu().Linear(2).ToGraph());
        var state = new Dictionary<string, Tensor> { ["features.0.weight"] = ones(4, 1, 3, 3), ["other.weight"] = ones(7, 7), ["bn.num_batches_tracked"] = zeros([], int64) };

        BrevitasImport import = BrevitasState.Import(network, state);

        Assert.Equal([("features.0.weight", "conv1.weight")], import.Matched);
        Assert.Equal(["linear1.weight", "linear1.bias"], import.Missing.Select(missing => missing.Name));
        Assert.Equal([("other.weight", "no node of its kind and shape is left"), ("bn.num_batches_tracked", "a counter that nothing reads")], import.Unused);
    }

    static Network Cnv()
    {
        var spec = new QuantizationSpec { Scheme = QuantizationScheme.BnnPynq, FirstWeightBitWidth = 2, WeightBitWidth = 2, LastWeightBitWidth = 2, ActivationBitWidth = 2 };
        var network = new Network(ModelZoo.Build(new("quant_cnv", new Shape(3, 32, 32), 10) { Normalization = Normalization.ToUnitRange }, spec));
        return (Network)network.to(float64);
    }
}
