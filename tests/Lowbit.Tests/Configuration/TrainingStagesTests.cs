using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public class TrainingStagesTests
{
    const string Mixed = """
        model: { name: quant_resnet20, num_classes: 10 }
        quantization:
          stages: STAGES
          weight_bit_width: 2
          act_bit_width: 4
          overrides: [{ layers: stage3.*, weight_bit_width: 3 }, { layers: stage1.*, act_bit_width: 6 }]
        training: { epochs: 11 }
        optimizer: { learning_rate: 0.2 }

        """;

    [Fact]
    public void Widths_below_a_stage_s_are_raised_to_it_and_all_others_stay()
    {
        IReadOnlyList<TrainingStage> stages = Of("[float, 5, 3, 2]");

        Assert.Equal(["float", "5bit", "3bit", "2bit"], stages.Select(stage => stage.Name));
        Assert.Equal(["resnet20", "quant_resnet20", "quant_resnet20", "quant_resnet20"], stages.Select(stage => stage.Configuration.Model.Name));
        QuantizationOptions five = stages[1].Configuration.Quantization, three = stages[2].Configuration.Quantization;
        Assert.Equal((5, 5, 5, 6, 8, 8), (five.WeightBitWidth, five.ActBitWidth, five.Overrides[0].WeightBitWidth, five.Overrides[1].ActBitWidth, five.InWeightBitWidth, five.OutWeightBitWidth));
        Assert.Equal((3, 4, 3, 6), (three.WeightBitWidth, three.ActBitWidth, three.Overrides[0].WeightBitWidth, three.Overrides[1].ActBitWidth));
        Assert.Null(five.Overrides[0].ActBitWidth);
        Assert.Equal(["training.epochs", "optimizer.learning_rate"], ChangedKey.Between(stages[3].Configuration, Read("[]")).Select(key => key.Name));
    }

    [Theory]
    [InlineData("[float, 2]", 11, new[] { 6, 5 })]
    [InlineData("[float, 8, 4, 2]", 11, new[] { 3, 3, 3, 2 })]
    [InlineData("[float, {bits: 8, epochs: 1}, 4, 2]", 11, new[] { 4, 1, 3, 3 })]
    [InlineData("[{bits: float, epochs: 3}, {bits: 2, epochs: 8}]", 11, new[] { 3, 8 })]
    public void Epochs_that_no_stage_asks_for_are_shared_evenly(string stages, int all, int[] epochs)
    {
        Assert.Equal(epochs, Of(stages).Select(stage => stage.Configuration.Training.Epochs));
        Assert.Equal(all, epochs.Sum());
    }

    [Fact]
    public void Later_stages_start_at_half_the_learning_rate_unless_they_say_otherwise() =>
        Assert.Equal([0.2, 0.1, 0.03, 0.1], Of("[float, 8, { bits: 4, learning_rate: 0.03 }, 2]").Select(stage => stage.Configuration.Optimizer.LearningRate));

    [Theory]
    [InlineData("2", "epochs: 6", "", new[] { "float", "2" })]
    [InlineData("1", "epochs: 7", "", new[] { "float", "1" })]
    [InlineData("2", "epochs: 6", "scheduler: { name: one_cycle }", new[] { "float", "2" })]
    [InlineData("2", "epochs: 6", "scheduler: { T_max: 6 }", new[] { "float", "2" })]
    [InlineData("8, overrides: [{ layers: stage2.*, act_bit_width: 1 }]", "epochs: 6", "", new[] { "float", "1" })]
    [InlineData("2, stages: []", "epochs: 6", "", new string[0])]
    [InlineData("3", "epochs: 6", "", new string[0])]
    [InlineData("2", "epochs: 5", "", new string[0])]
    [InlineData("2, scheme: bnn_pynq", "epochs: 6", "", new string[0])]
    [InlineData("2", "epochs: 6", "scheduler: { name: multistep, milestones: [3] }", new string[0])]
    [InlineData("2", "epochs: 6", "checkpoint: { enabled: false }", new string[0])]
    [InlineData("2", "epochs: 6", "checkpoint: { resume: run }", new string[0])]
    public void Where_nobody_says_anything_networks_of_few_bits_start_from_float(string bits, string training, string others, string[] expected)
    {
        string yaml = $"model: {{ name: quant_cnv }}\nquantization: {{ weight_bit_width: {bits} }}\ntraining: {{ {training} }}\n{others}\n";

        RunConfiguration run = ConfigurationReader.Parse(yaml, "run.yaml").Configuration;

        Assert.Equal(expected, TrainingStages.Asked(run).Select(stage => stage.Bits));
        Assert.Equal(expected.Length, TrainingStages.Of(run).Count);
    }

    [Fact]
    public void A_network_that_starts_from_a_checkpoint_has_no_stages_by_itself() =>
        Assert.Empty(TrainingStages.Asked(ConfigurationReader.Parse("model: { name: quant_cnv, pretrained: run }\nquantization: { weight_bit_width: 2 }\n", "run.yaml").Configuration));

    [Fact]
    public void A_cosine_that_is_longer_than_a_stage_ends_with_it()
    {
        RunConfiguration run = Read("[float, { bits: 4, epochs: 2 }, 2]", "scheduler: { T_max: 4 }\n");

        Assert.Equal([4, null, null], TrainingStages.Of(run).Select(stage => stage.Configuration.Scheduler.TMax));
    }

    [Fact]
    public void A_warm_up_is_at_most_all_epochs_of_a_stage_but_the_last()
    {
        RunConfiguration run = Read("[float, { bits: 4, epochs: 2 }, 2]", "scheduler: { warmup_epochs: 3 }\n", warnings: 1);

        Assert.Equal([3, 1, 3], TrainingStages.Of(run).Select(stage => stage.Configuration.Scheduler.WarmupEpochs));
    }

    [Theory]
    [InlineData("[4]", "is [4]; give at least two stages, such as [float, 2], or none")]
    [InlineData("[8, float]", "is [8, float]; float can only be the first stage")]
    [InlineData("[float, 4, 4, 2]", "each stage must have fewer bits than the one before it")]
    [InlineData("[float, 2, 4]", "each stage must have fewer bits than the one before it")]
    [InlineData("[float, 8, 3]", "whose smallest width is 2 bits: end the list with 2")]
    [InlineData("[float, { bits: 2, epochs: 11 }]", "training.epochs is 11, and these stages need at least 12")]
    [InlineData("[{ bits: float, epochs: 3 }, { bits: 2, epochs: 3 }]", "its epochs are 6, and training.epochs is 11: make them equal")]
    [InlineData("[float, 9]", "quantization.stages[1].bits is 9; it must be float, 1, 2, 3, 4, 5, 6, 7 or 8")]
    [InlineData("[flaot, 2]", "did you mean float?")]
    [InlineData("8", "quantization.stages is 8; it must be a list such as [float, 8, 4, 2]")]
    [InlineData("[{ epochs: 3 }, 2]", "quantization.stages[0].bits is missing")]
    [InlineData("[{ bits: 8, epochs: 0 }, 2]", "quantization.stages[0].epochs is 0; it must be 1 to 1000000")]
    public void What_cannot_be_stages_is_refused_in_one_sentence(string stages, string sentence)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(stages));

        Assert.Contains(sentence, Assert.Single(refused.Errors));
        Assert.StartsWith("run.yaml(3,", refused.Errors[0]);
    }

    [Theory]
    [InlineData("model: { name: resnet20 }\nquantization: { stages: [float, 2] }\n", "resnet20 is not quantized")]
    [InlineData("model: { name: quant_cnv }\nquantization: { scheme: bnn_pynq, weight_bit_width: 2, act_bit_width: 2, stages: [float, 2] }\n", "the scheme bnn_pynq has no float twin")]
    [InlineData("model: { name: quant_cnv }\nquantization: { weight_bit_width: 2, act_bit_width: 2, stages: [float, 2] }\ncheckpoint: { enabled: false }\n", "checkpoint.enabled must be true")]
    public void Stages_beside_what_they_cannot_go_with_are_refused(string yaml, string sentence) =>
        Assert.Contains(sentence, Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(yaml, "run.yaml")).Errors));

    [Fact]
    public void The_scheme_bnn_pynq_takes_stages_of_bits() =>
        Assert.Equal(2, TrainingStages.Of(ConfigurationReader.Parse("model: { name: quant_cnv }\nquantization: { scheme: bnn_pynq, weight_bit_width: 2, act_bit_width: 2, stages: [8, 2] }\n", "run.yaml").Configuration).Count);

    [Fact]
    public void What_is_written_of_stages_is_read_as_the_same()
    {
        RunConfiguration run = Read("[float, { bits: 8, epochs: 2 }, { bits: 4, learning_rate: 0.5 }, \"2\"]");
        string yaml = ConfigurationWriter.Write(run);

        Assert.Contains("  stages: [float, {bits: 8, epochs: 2}, {bits: 4, learning_rate: 0.5}, 2]\n", yaml);
        Assert.Equal(run.Quantization.Stages!, ConfigurationReader.Parse(yaml, "config.yaml").Configuration.Quantization.Stages);
        Assert.Equal(run.Quantization.Stages!, ((RunConfiguration)RunOptionsJson.Read(RunOptionsJson.Write(run), "a checkpoint")).Quantization.Stages!);
    }

    static IReadOnlyList<TrainingStage> Of(string stages) => TrainingStages.Of(Read(stages));

    static RunConfiguration Read(string stages, string more = "", int warnings = 0)
    {
        ParsedConfiguration read = ConfigurationReader.Parse(Mixed.Replace("STAGES", stages, StringComparison.Ordinal) + more, "run.yaml");
        Assert.Equal(warnings, read.Warnings.Count);
        return read.Configuration;
    }
}
