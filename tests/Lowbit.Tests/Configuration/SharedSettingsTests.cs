using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

/// <summary>Merge keys, aliases, and anchors under keys of one's own: how people share settings within a file.</summary>
public class SharedSettingsTests
{
    const string Shared = """
        x-small: &small
          epochs: 3
          batch_size: 32
        x-bits: &bits { weight_bit_width: 4, act_bit_width: 4 }
        model: { name: quant_cnv }

        """;

    [Fact]
    public void A_merge_key_takes_what_the_section_does_not_say_itself()
    {
        RunConfiguration run = Read(Shared + "training:\n  batch_size: 16\n  <<: *small\nquantization: { <<: *bits, act_bit_width: 2 }\n");

        Assert.Equal((3, 16), (run.Training.Epochs, run.Training.BatchSize));
        Assert.Equal((4, 2), (run.Quantization.WeightBitWidth, run.Quantization.ActBitWidth));
    }

    [Fact]
    public void Of_a_list_of_merged_sections_the_first_one_counts()
    {
        RunConfiguration run = Read(Shared + "training: { <<: [{ epochs: 7 }, *small] }\n");

        Assert.Equal((7, 32), (run.Training.Epochs, run.Training.BatchSize));
    }

    [Fact]
    public void A_merge_key_may_stand_in_a_merged_section_and_at_the_top()
    {
        RunConfiguration run = Read(Shared + "x-more: &more { <<: *small, epochs: 5 }\nx-all: &all { training: { <<: *more }, loss: { name: nll } }\n<<: *all\n");

        Assert.Equal((5, 32, LossKind.Nll), (run.Training.Epochs, run.Training.BatchSize, run.Loss.Name));
    }

    [Fact]
    public void An_alias_repeats_a_whole_section_or_one_value()
    {
        RunConfiguration run = Read(Shared + "training: *small\nseed: { value: &seed 7 }\ndataset: { seed: *seed }\n");

        Assert.Equal((3, 7, 7), (run.Training.Epochs, run.Seed.Value, run.Dataset.Seed));
    }

    [Fact]
    public void The_command_line_changes_one_of_two_sections_that_share_their_values()
    {
        RunConfiguration run = ConfigurationReader.Parse(
            "x-name: &name { name: none }\nmodel: { name: quant_cnv }\nscheduler: *name\noptimizer: *name\n", "x.yaml", ["optimizer.name=adam"]).Configuration;

        Assert.Equal((SchedulerKind.None, OptimizerKind.Adam), (run.Scheduler.Name, run.Optimizer.Name));
    }

    [Theory]
    [InlineData("x-a: &a { epochs: many }\nmodel: { name: quant_cnv }\ntraining: { <<: *a }\n", "x.yaml(1,19): training.epochs is many; it must be a whole number")]
    [InlineData("x-a: &a\n  epochs: 3\n  momentum: 0\nmodel: { name: quant_cnv }\ntraining:\n  <<: *a\n", "x.yaml(3,3): training.momentum is not a key here; there are batch_size, epochs, patience, max_minutes, test_frequency, ema_decay, batch_norm_batches, use_kernels")]
    [InlineData("model: { name: quant_cnv }\ntraining: { <<: 3 }\n", "x.yaml(2,17): << takes a section or a list of sections, and this is 3")]
    [InlineData("model: { name: quant_cnv }\ntraining: { <<: [{ epochs: 3 }, a] }\n", "x.yaml(2,33): << takes a section or a list of sections, and this is a")]
    [InlineData("model: { name: quant_cnv }\ntraining: { \"<<\": { epochs: 3 } }\n", "x.yaml(2,13): training.<< is not a key here; there are batch_size, epochs, patience, max_minutes, test_frequency, ema_decay, batch_norm_batches, use_kernels")]
    [InlineData("model: { name: quant_cnv }\ntraining: { x-a: 3 }\n", "x.yaml(2,13): training.x-a is not a key here; there are batch_size, epochs, patience, max_minutes, test_frequency, ema_decay, batch_norm_batches, use_kernels")]
    public void An_error_in_shared_settings_is_named_where_it_is_written(string yaml, string sentence)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(yaml, "x.yaml"));

        Assert.Equal(sentence, Assert.Single(refused.Errors));
    }

    static RunConfiguration Read(string yaml)
    {
        ParsedConfiguration read = ConfigurationReader.Parse(yaml, "x.yaml");
        Assert.Empty(read.Warnings);
        return read.Configuration;
    }
}
