using Lowbit.Configuration;
using Lowbit.Networks;
using Lowbit.Networks.Brevitas;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>Networks come from Brevitas's state dicts as run folders, and go back.</summary>
public sealed class BrevitasRunTests : IDisposable
{
    const string BnnPynq = "model: { name: quant_cnv }\nquantization: { scheme: bnn_pynq, weight_bit_width: 2, act_bit_width: 2 }\ndataset: { name: cifar10 }\n";
    const string ResNet = "model: { name: quant_resnet20 }\nquantization: { weight_bit_width: 4, act_bit_width: 4 }\ndataset: { name: digits, image_size: 16 }\n";

    readonly TemporaryFolder folder = new();
    readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    [Fact]
    public void A_state_of_Brevitas_comes_in_and_goes_out_the_same()
    {
        GoldenFiles.SkipIfAbsent("cnv_2w2a.safetensors");
        var state = GoldenFiles.Tensors("cnv_2w2a", "state/");
        Safetensors.Write(PathOf("state"), state.Select(entry => (entry.Key, entry.Value)));

        BrevitasRunResult result = BrevitasRun.Import(PathOf("state"), Configuration(BnnPynq), folder["run"]);
        BrevitasRun.Export(folder["run"], PathOf("back"), like: PathOf("state"));

        Assert.True(result.State.IsComplete);
        AssertSame(state, Safetensors.Read(PathOf("back")).Tensors);
    }

    [Fact]
    public void A_state_under_names_of_another_author_comes_in_gives_the_same_logits_and_goes_out_the_same()
    {
        using Network trained = Trained(ResNet);
        var state = Renamed(trained);
        Safetensors.Write(PathOf("state"), state.Select(entry => (entry.Key, entry.Value)));

        Assert.True(BrevitasRun.Import(PathOf("state"), Configuration(ResNet), folder["run"]).State.IsComplete);
        using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(folder["run"], preferBest: true));
        using Network network = checkpoint.BuildNetwork();
        BrevitasRun.Export(folder["run"], PathOf("back"), like: PathOf("state"));

        network.eval();
        Tensor images = randint(0, 256, [4, 1, 16, 16], dtype: uint8);
        using (no_grad()) Assert.True(network.forward(images).equal(trained.forward(images)).all().item<bool>());
        AssertSame(state, Safetensors.Read(PathOf("back")).Tensors);
    }

    [Fact]
    public void Without_names_to_follow_a_state_goes_out_under_those_of_the_layers()
    {
        using Network trained = Trained(ResNet);
        Safetensors.Write(PathOf("state"), BrevitasState.Export(trained));
        BrevitasRun.Import(PathOf("state"), Configuration(ResNet), folder["run"]);

        BrevitasRun.Export(folder["run"], PathOf("back"));

        AssertSame(Safetensors.Read(PathOf("state")).Tensors, Safetensors.Read(PathOf("back")).Tensors);
    }

    [Fact]
    public void What_is_not_found_is_left_out_so_that_nobody_evaluates_it_by_mistake()
    {
        using Network trained = Trained(ResNet);
        Safetensors.Write(PathOf("state"), BrevitasState.Export(trained).Where(entry => entry.Name != "linear1.bias"));

        BrevitasRunResult result = BrevitasRun.Import(PathOf("state"), Configuration(ResNet), folder["run"]);

        Assert.Equal(["linear1.weight", "linear1.bias"], result.State.Missing.Select(missing => missing.Name));
        using Checkpoint checkpoint = Checkpoint.Read(result.Folder.Latest);
        Assert.Contains("linear1.weight is not in it", Assert.Throws<LowbitException>(checkpoint.BuildNetwork).Message);
    }

    [Fact]
    public void A_folder_that_holds_something_is_left_alone()
    {
        Safetensors.Write(PathOf("state"), [("a", ones(1))]);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder["run"]).FullName, "mine.txt"), "");

        Assert.Contains("is there already", Assert.Throws<LowbitException>(() => BrevitasRun.Import(PathOf("state"), Configuration(ResNet), folder["run"])).Message);
        Assert.Contains("fits quant_resnet20", Assert.Throws<LowbitException>(() => BrevitasRun.Import(PathOf("state"), Configuration(ResNet), folder["other"])).Message);
        Assert.False(Directory.Exists(folder["other"]));
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    string PathOf(string name) => folder[name + ".safetensors"];

    static RunConfiguration Configuration(string yaml) => ConfigurationReader.Parse(yaml, "test").Configuration;

    /// <summary>A network none of whose numbers is what it began as.</summary>
    static Network Trained(string yaml)
    {
        var configuration = (RunConfiguration)EarlierDefaults.Fill(Configuration(yaml));   // what imports have
        var network = new Network(ConfiguredModel.Build(configuration, Lowbit.Data.Datasets.Describe(configuration.Dataset)));
        using var _ = no_grad();
        foreach (var (name, tensor) in network.State.Where(entry => BrevitasNames.IsLearned(entry.Name))) tensor.add_(rand_like(tensor), CachedScalar.Of(1));
        network.FinishStatistics();
        network.eval();
        return network;
    }

    /// <summary>The state of a network as an author who counts layers would have it, with scales of one value, and counters.</summary>
    static Dictionary<string, Tensor> Renamed(Network network)
    {
        var state = new Dictionary<string, Tensor>();
        string[] nodes = [.. network.Graph.Nodes.Select(node => node.Name)];
        foreach (var (name, tensor) in BrevitasState.Export(network))
        {
            var (node, _) = BrevitasNames.Split(name);
            string module = node.EndsWith(".quant", StringComparison.Ordinal) && !name.StartsWith(node, StringComparison.Ordinal) ? node[..^".quant".Length] : node;
            state[$"features.{Array.IndexOf(nodes, node)}{name[module.Length..]}"] = tensor.dim() == 0 ? tensor.reshape(1) : tensor;
        }
        state["features.2.num_batches_tracked"] = tensor(7L);
        return state;
    }

    static void AssertSame(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.shape, actual[name].shape);
            Assert.True(tensor.to(float64).equal(actual[name].to(float64)).all().item<bool>(), name);
        }
    }
}
