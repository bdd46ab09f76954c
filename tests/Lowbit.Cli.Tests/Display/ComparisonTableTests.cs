using System.Text.Json;
using Lowbit.Cli.Display;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public sealed class ComparisonTableTests(SomeRuns some) : IClassFixture<SomeRuns>
{
    [Fact]
    public void Rows_in_which_runs_differ_are_marked_and_keys_that_are_the_same_left_out()
    {
        string[] lines = ComparisonTable.Format([some.Runs[1], some.Runs[2]], all: false).Split('\n');

        Assert.Matches("^ +half +w2a4$", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("* packed bytes ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  parameters ", StringComparison.Ordinal));
        Assert.Equal(["* quantization.weight_bit_width"], lines.Where(line => line.Contains('.') && line.Contains('_')).Select(line => line[..line.IndexOf("  ", 2, StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_float_network_has_none_of_the_keys_of_quantization_to_compare_but_all_shows_every_key()
    {
        string table = ComparisonTable.Format(some.Runs, all: true);

        Assert.Matches(@"\* model\.name +""resnet20"" +""quant_resnet20"" +""quant_resnet20""", table);
        Assert.Matches(@"  training\.batch_size +32 +32 +32", table);
        Assert.Matches(@"\* checkpoint\.experiment_name +""float"" +""half"" +""w2a4""", table);
    }

    [Fact]
    public void JSON_has_what_runs_came_to_and_all_their_keys()
    {
        JsonElement run = JsonDocument.Parse(ComparisonTable.Json(some.Runs)).RootElement[2];

        Assert.Equal("2", run.GetProperty("configuration").GetProperty("quantization.weight_bit_width").GetString());
        Assert.Equal(some.Runs[2].BestAccuracy, run.GetProperty("best").GetDouble());
    }
}
