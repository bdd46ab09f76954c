using System.Text.Json.Nodes;
using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public class ConfigurationReaderTests
{
    /// <summary>As the system that Lowbit follows has it in its manual: values quoted, comments, sections of one key.</summary>
    const string Complete = """
        seed:
          enabled: true
          value: 42

        dataset:
          name: "cifar10"
          root: "./data"
          download: true
          num_workers: 4

        model:
          name: "quant_cnv"

        quantization:
          weight_bit_width: 4
          act_bit_width: 4

        loss:
          name: "sqr_hinge"

        training:
          batch_size: 128
          epochs: 200

        optimizer:
          name: "sgd"
          learning_rate: 0.1  # or 0.01 for fine-tuning
          momentum: 0.9
          weight_decay: 0.0001

        scheduler:
          name: "cosine"
          T_max: 200
          warmup_epochs: 5

        amp:
          enabled: false

        checkpoint:
          enabled: true
          dir: "./experiments"
          save_best: true
        """;

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.PathOf("configs"), "*.yaml", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Fact]
    public void Every_key_of_a_complete_file_is_read()
    {
        ParsedConfiguration read = ConfigurationReader.Parse(Complete, "run.yaml");
        RunConfiguration run = read.Configuration;

        Assert.Empty(read.Warnings);
        Assert.Equal(("cifar10", "./data", true, 4), (run.Dataset.Name, run.Dataset.Root, run.Dataset.Download, run.Dataset.NumWorkers));
        Assert.Equal(("quant_cnv", 4, 4), (run.Model.Name, run.Quantization.WeightBitWidth, run.Quantization.ActBitWidth));
        Assert.Equal((LossKind.SqrHinge, 128, 200), (run.Loss.Name, run.Training.BatchSize, run.Training.Epochs));
        Assert.Equal((OptimizerKind.Sgd, 0.1, 0.9, 1e-4), (run.Optimizer.Name, run.Optimizer.LearningRate, run.Optimizer.Momentum, run.Optimizer.WeightDecay));
        Assert.Equal((SchedulerKind.Cosine, 200, 5), (run.Scheduler.Name, run.Scheduler.TMax, run.Scheduler.WarmupEpochs));
        Assert.Equal((false, true, "./experiments", true), (run.Amp.Enabled, run.Checkpoint.Enabled, run.Checkpoint.Dir, run.Checkpoint.SaveBest));
    }

    [Fact]
    public void Two_sections_are_enough()
    {
        RunConfiguration run = ConfigurationReader.Parse("model:\n  name: quant_resnet20\nquantization:\n  weight_bit_width: 4\n  act_bit_width: 4\n", "run.yaml").Configuration;

        Assert.Equal(("cifar10", 200, 128), (run.Dataset.Name, run.Training.Epochs, run.Training.BatchSize));
    }

    [Theory, MemberData(nameof(Files))]
    public void Every_file_that_comes_with_Lowbit_is_read_without_a_word(string file) =>
        Assert.Empty(ConfigurationReader.Read(Repository.PathOf(file)).Warnings);

    [Fact]
    public void What_is_written_is_read_again()
    {
        RunConfiguration run = ConfigurationReader.Parse(
            Complete, "run.yaml", ["quantization.overrides=[{layers: 'conv*', weight_bit_width: 2}]", "loss.weight=[1, 2.5]", "checkpoint.dir='a \"b\" \\c'"]).Configuration;
        string written = ConfigurationWriter.Write(run);

        Assert.Equal(written, ConfigurationWriter.Write(ConfigurationReader.Parse(written, "config.yaml").Configuration));
        Assert.Contains("weight_bit_width: 2", written);
    }

    [Fact]
    public void Overrides_take_the_place_of_what_the_file_says()
    {
        RunConfiguration run = ConfigurationReader.Parse(Complete, "run.yaml", ["optimizer.learning_rate=0.01", "tensorboard.enabled=true"]).Configuration;

        Assert.Equal((0.01, true), (run.Optimizer.LearningRate, run.Tensorboard.Enabled));
    }

    [Fact]
    public void A_key_of_another_choice_is_a_warning()
    {
        ParsedConfiguration read = ConfigurationReader.Parse("model:\n  name: resnet20\noptimizer:\n  name: adam\n  momentum: 0.9\n", "run.yaml");

        Assert.Equal(["run.yaml(5,3): optimizer.momentum has no effect beside name: adam"], read.Warnings);
    }

    [Fact]
    public void Mixed_precision_of_a_quantized_network_is_turned_off_with_a_warning()
    {
        ParsedConfiguration read = ConfigurationReader.Parse("model:\n  name: quant_cnv\namp:\n  enabled: true\n", "run.yaml");

        Assert.False(read.Configuration.Amp.Enabled);
        Assert.Equal(["run.yaml(4,12): amp is turned off: quantized networks train in full precision"], read.Warnings);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    public void A_warm_up_as_long_as_training_is_shortened_with_a_warning(int epochs, int shortened)
    {
        ParsedConfiguration read = ConfigurationReader.Parse($"model:\n  name: quant_cnv\ntraining:\n  epochs: {epochs}\nscheduler:\n  warmup_epochs: 5\n", "run.yaml");

        Assert.Equal(shortened, read.Configuration.Scheduler.WarmupEpochs);
        Assert.Equal(
            [$"run.yaml(6,18): scheduler.warmup_epochs is shortened from 5 to {shortened}: at least one of the epochs, of which training.epochs says {epochs}, comes after it"], read.Warnings);
    }

    [Fact]
    public void The_schema_has_every_key_with_its_default()
    {
        JsonNode schema = JsonNode.Parse(ConfigurationSchema.Json())!;

        foreach (var (section, property) in KeyNames.Of(typeof(RunConfiguration)))
            Assert.Equal(KeyNames.Of(property.PropertyType).Select(entry => entry.Key), schema["properties"]![section]!["properties"]!.AsObject().Select(entry => entry.Key));
        JsonNode bits = schema["properties"]!["quantization"]!["properties"]!["weight_bit_width"]!;
        Assert.Equal((1, 8, 8), ((int)bits["minimum"]!, (int)bits["maximum"]!, (int)bits["default"]!));
        Assert.Equal("Bits of every weight but the first and last layer's: 1 is binary, 2 ternary.", (string)bits["description"]!);
        Assert.Equal(["model"], schema["required"]!.AsArray().Select(key => (string)key!));
    }
}
