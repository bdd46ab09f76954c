using Lowbit.Models;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class UsageTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_key_that_does_not_exist_is_refused_with_its_place_and_the_nearest_one()
    {
        string config = folder.Write("mine.yaml", "model:\n  name: quant_cnv\nquantization:\n  weight_bits: 4\n  act_bit_width: 12\n");

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "train", config);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Equal("""
            mine.yaml(4,3): quantization.weight_bits is not a key here; did you mean weight_bit_width?
            mine.yaml(5,18): quantization.act_bit_width is 12; it must be 1 to 8

            """, errors);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("trian")]
    [InlineData("models", "quant_cnv", "--weight-bits", "9")]
    [InlineData("models", "--image-size", "1000000000")]
    [InlineData("eval", "absent", "--root", "")]
    [InlineData("eval", "absent", "--dataset", "digits")]
    [InlineData("eval", "absent", "--engine", "interpreter")]
    [InlineData("eval", "absent", "--max-memory", "2")]
    [InlineData("eval", "absent.json", "--dataset", "digits", "--output", "logits")]
    [InlineData("predict", "absent", "image.png", "--output", "logits")]
    [InlineData("config", "check")]
    public void Wrong_usage_is_told_in_a_sentence_and_ends_with_2(params string[] arguments)
    {
        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, arguments);

        Assert.Equal(2, exitCode);
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public void Models_lists_the_whole_zoo_with_its_parameters()
    {
        var (exitCode, output, _) = LowbitProcess.Run(folder.Path, "models");

        Assert.Equal(0, exitCode);
        string[] rows = output.Split('\n');
        Assert.Equal(ModelZoo.Names.Count, rows.Count(row => row.Contains("resnet", StringComparison.Ordinal) || row.Contains("vgg", StringComparison.Ordinal)
            || row.Contains("cnv", StringComparison.Ordinal) || row.Contains("mobilenet", StringComparison.Ordinal)));
        Assert.Contains(rows, row => row.StartsWith("resnet20 ", StringComparison.Ordinal) && row.Contains("272,", StringComparison.Ordinal));
    }
}
