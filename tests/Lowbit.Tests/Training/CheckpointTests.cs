using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>A real checkpoint, and what becomes of it when something in it is not what a training leaves there.</summary>
public sealed class CheckpointTests(CheckpointTests.Trained trained) : IClassFixture<CheckpointTests.Trained>
{
    [Fact]
    public void A_checkpoint_comes_back_with_all_its_tensors()
    {
        using Checkpoint checkpoint = Checkpoint.Read(trained.Checkpoint);
        using Network network = checkpoint.BuildNetwork();

        Assert.Equal(network.State.Select(entry => entry.Name), checkpoint.State.Keys);
        Assert.Equal(96, checkpoint.Configuration!.Dataset.Limit);
        Assert.Equal(1, checkpoint.Position.Epoch);
    }

    [Theory]
    [InlineData("conv1.weight", double.NaN, "conv1.weight is NaN at [0, 0, 0, 0], which is not a finite number")]
    [InlineData("conv1.weight", double.PositiveInfinity, "conv1.weight is Infinity")]
    [InlineData("linear1.bias", double.NegativeInfinity, "linear1.bias is -Infinity at [0]")]
    [InlineData("bn1.running_var", -0.5, "bn1.running_var is -0.5 at [0], which cannot be negative")]
    [InlineData("bn1.running_mean", double.NaN, "bn1.running_mean is NaN")]
    [InlineData("relu1.quant.threshold.value", 0, "relu1.quant.threshold.value is 0, which must be more than 0")]
    [InlineData("relu1.quant.threshold.value", -1, "relu1.quant.threshold.value is -1, which must be more than 0")]
    [InlineData("relu1.quant.threshold.value", double.NaN, "relu1.quant.threshold.value is NaN")]
    [InlineData("relu1.quant.threshold.batches", -3, "relu1.quant.threshold.batches is -3, which cannot be negative")]
    [InlineData("optimizer/conv1.weight.velocity", double.NaN, "optimizer/conv1.weight.velocity is NaN")]
    public void Numbers_that_no_training_leaves_are_told_by_name_wherever_a_checkpoint_is_read(string name, double value, string expected)
    {
        string changed = SmallRun.Changed(trained.Checkpoint, tensors => tensors[name].reshape(-1)[0].fill_(CachedScalar.Of(value)));

        AssertToldSoon(expected, changed, () => Load(changed));
        AssertToldSoon(expected, changed, () => Train(configuration => configuration with { Checkpoint = configuration.Checkpoint with { Resume = changed } }));
        if (name.Contains('/')) return;
        AssertToldSoon(expected, changed, () => Train(configuration => configuration with { Model = configuration.Model with { Pretrained = changed } }));
        string exported = Path.Combine(trained.Folder, "exported.onnx");
        AssertToldSoon(expected, changed, () => Lowbit.Export.RunExport.Write(changed, exported, new()));
        Assert.False(File.Exists(exported));
    }

    public static TheoryData<string, string?, string> Metadata => new()
    {
        { "configuration", null, "does not say its configuration" },
        { "dataset", null, "does not say its dataset" },
        { "position", null, "does not say its position" },
        { "schedule", null, "does not say its schedule" },
        { "epoch_images", null, "does not say its epoch_images" },
        { "dataset", "null", "its dataset says nothing" },
        { "position", "null", "its position says nothing" },
        { "dataset", "{}", "its dataset cannot be understood" },
        { "dataset", "[", "its dataset cannot be understood" },
        { "dataset", Dataset("1e9", "8"), "its dataset cannot be understood" },
        { "dataset", Dataset("1000000000", "8"), "1000000000 x 8 pixels" },
        { "dataset", Dataset("0", "8"), "0 x 8 pixels" },
        { "dataset", Dataset("8", "8", classes: "null"), "no list of classes" },
        { "dataset", Dataset("8", "8", classes: "[null]"), "no list of classes" },
        { "dataset", Dataset("8", "8", classes: "[]"), "no list of classes" },
        { "dataset", Dataset("8", "8", deviation: "[0]"), "one deviation above 0 a channel" },
        { "dataset", Dataset("8", "8", deviation: "[1e39]"), "one deviation above 0 a channel" },
        { "dataset", Dataset("8", "8", deviation: "[1,1]"), "one deviation above 0 a channel" },
        { "position", """{"Epoch":-1,"Batch":0,"Best":null,"BestEpoch":0}""", "counts epochs" },
        { "position", """{"Epoch":99999999999,"Batch":0,"Best":null,"BestEpoch":0}""", "its position cannot be understood" },
        { "position", """{"Epoch":1,"Batch":0,"Best":7,"BestEpoch":0}""", "is not 0 to 1" },
        { "epoch_images", "-5", "its epoch_images is not a number" },
        { "epoch_images", "5", "does not go with the sums" },
        { "configuration", "model: { name: resnet21 }", "its configuration is not one" },
        { "configuration", "model: { name: resnet20, num_classes: 1000000 }", "" },
        { "configuration", "{", "its configuration is not one" },
        { "configuration", "", "its configuration is not one" },
        { "position", """{"a":1}""", "its position cannot be understood" },
        { "graph", null, "it does not say its graph" },
        { "graph", "{", "is not a graph: it is not JSON, or not whole" },
        { "graph", """{"version":2,"nodes":[]}""", "is a graph of version 2, and this Lowbit reads versions up to 1" },
        { "options", "{", "has options that cannot be understood" },
        { "options", """{"version":3,"options":{}}""", "has options of version 3, and this Lowbit reads versions up to 2" },
        { "options", """{"version":1}""", "it has neither configuration nor options" },
        { "options", """{"version":1,"options":{"training":{"batch_size":-1}}}""", "training.batch_size is -1; it must be 1 to 1000000" },
        { "options", """{"version":1,"options":{"loss":{"name":"none"}}}""", "has options that cannot be understood: options.loss.name is not what options have there" },
        { "options", """{"version":1,"options":{"loss":null}}""", "loss is null; it must be a section of keys" },
    };

    [Theory, MemberData(nameof(Metadata))]
    public void What_a_checkpoint_says_of_itself_is_held_to_what_can_be(string key, string? value, string expected)
    {
        string changed = SmallRun.Changed(trained.Checkpoint, metadata: text =>
        {
            if (key == "configuration")   // Lowbit 0.1 wrote this in the place of these
            {
                text.Remove("options");
                text.Remove("graph");
            }
            text.Remove(key);
            if (value is not null) text[key] = value;
        });

        AssertToldSoon(expected, changed, () => Load(changed));
    }

    [Fact]
    public void A_tensor_whose_sizes_are_in_another_order_is_refused()
    {
        string changed = SmallRun.Changed(trained.Checkpoint, tensors => tensors["linear1.weight"] = tensors["linear1.weight"].t());

        AssertToldSoon("linear1.weight is [64, 10] there and [10, 64] here", changed, () => Load(changed));
        AssertToldSoon("linear1.weight is [64, 10] there and [10, 64] here", changed,
            () => Train(configuration => configuration with { Checkpoint = configuration.Checkpoint with { Resume = changed } }));
    }

    [Fact]
    public void A_tensor_of_integers_is_not_taken_for_weights()
    {
        string changed = SmallRun.Changed(trained.Checkpoint, tensors => tensors["linear1.bias"] = ones(10, int32));
        AssertToldSoon("linear1.bias is [10] of integers there and [10] here", changed, () => Load(changed));
    }

    [Fact]
    public void An_optimizers_state_of_another_shape_or_another_network_is_refused_by_name()
    {
        string turned = SmallRun.Changed(trained.Checkpoint, tensors => tensors["optimizer/linear1.weight.velocity"] = ones(64, 10));
        AssertToldSoon("linear1.weight.velocity is [64, 10] there and [10, 64] here", turned, () => Resume(turned));
        string other = SmallRun.Changed(trained.Checkpoint, tensors => tensors["optimizer/conv99.weight.velocity"] = ones(1));
        AssertToldSoon("conv99.weight.velocity is not in it", other, () => Resume(other));
    }

    [Fact]
    public void A_tensor_that_the_network_does_not_have_is_not_dropped_in_silence()
    {
        string changed = SmallRun.Changed(trained.Checkpoint, tensors => tensors["block/conv.weight"] = ones(3));
        AssertToldSoon("nothing in the network is named block/conv.weight", changed, () => Load(changed));
    }

    [Fact]
    public void Names_of_nodes_may_have_slashes_but_not_those_of_the_checkpoints_own_tensors()
    {
        using var scope = NewDisposeScope();
        using Checkpoint checkpoint = Checkpoint.Read(trained.Checkpoint);
        using Network network = checkpoint.BuildNetwork();
        using Optimizer optimizer = Optimizer.Create(network, checkpoint.Options.Optimizer);
        var schedule = LearningRateSchedule.Create(new(), 0.1, 1);
        string path = Path.Combine(trained.Folder, "slashes.safetensors");
        void Write(params (string, Tensor)[] state) =>
            Checkpoint.Write(path, checkpoint.Options, checkpoint.Graph, checkpoint.Dataset, RunPosition.Start, state, optimizer, schedule, (0, null));

        Write(("stage1/conv.weight", ones(3)));
        using (Checkpoint read = Checkpoint.Read(path)) Assert.Equal(["stage1/conv.weight"], read.State.Keys);
        Assert.Contains("optimizer/conv.weight begins as", Assert.Throws<LowbitException>(() => Write(("optimizer/conv.weight", ones(3)))).Message);
        Assert.Contains("is NaN", Assert.Throws<LowbitException>(() => Write(("conv.weight", full(3, CachedScalar.Of(double.NaN))))).Message);
        using (Checkpoint read = Checkpoint.Read(path)) Assert.Equal(["stage1/conv.weight"], read.State.Keys);
    }

    [Fact]
    public void An_epoch_cannot_go_on_after_its_last_batch()
    {
        string changed = SmallRun.Changed(trained.Checkpoint, metadata: text => text["position"] = """{"Epoch":0,"Batch":4,"Best":null,"BestEpoch":0}""");
        AssertToldSoon("goes on after batch 4 of an epoch that has 3", changed, () => Resume(changed));
    }

    void Resume(string checkpoint) => Train(configuration => configuration with { Checkpoint = configuration.Checkpoint with { Resume = checkpoint } });

    void Train(Func<RunConfiguration, RunConfiguration> change) =>
        TrainingRun.Run(change(SmallRun.Configuration(trained.Folder)), new SilentObserver(), CancellationToken.None);

    static void Load(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Read(path);
        checkpoint.BuildNetwork().Dispose();
    }

    static string Dataset(string height, string width, string classes = """["0","1","2","3","4","5","6","7","8","9"]""", string deviation = "[0.3]") =>
        $$"""{"Name":"digits","Channels":1,"Height":{{height}},"Width":{{width}},"Classes":{{classes}},"Mean":[0.1],"Deviation":{{deviation}}}""";

    static void AssertToldSoon(string expected, string path, Action act)
    {
        var clock = Stopwatch.StartNew();
        var problem = Assert.ThrowsAny<LowbitException>(act);
        Assert.IsNotType<ConfigurationException>(problem);
        Assert.Contains(expected, problem.Message);
        Assert.DoesNotContain('\n', problem.Message);
        if (expected.Length > 0 && problem is not GraphException) Assert.Contains(path, problem.Message);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    /// <summary>The training that the tests share.</summary>
    public sealed class Trained : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public Trained() => Checkpoint = SmallRun.Checkpoint(Folder);

        public string Folder => folder.Path;

        public string Checkpoint { get; }

        public void Dispose() => folder.Dispose();
    }
}
