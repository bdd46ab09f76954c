using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public class Configuration01Tests
{
    static readonly string Written = File.ReadAllText(Repository.PathOf("tests/Lowbit.Tests/Training/Version01/config.yaml"));

    [Fact]
    public void What_0_1_wrote_is_read_as_a_YAML_reader_reads_it() => AssertRead(Written);

    [Theory]
    [InlineData("  overrides: []", "  overrides:\n    -\n      layers: \"stage1.*, conv1\"\n      weight_bit_width: 8\n      act_bit_width: null\n    -\n      layers: \"linear1\"\n      weight_bit_width: 2\n      act_bit_width: 3")]
    [InlineData("  root: \"./data\"", "  root: \"/a \\\"b\\\" \\u00e9 $$HOME, [c]: d\"")]
    [InlineData("  weight: null", "  weight: [0.5, 1E-05, 3]")]
    [InlineData("  T_max: 3", "  T_max: null")]
    [InlineData("  mode: min", "  mode: max")]
    public void So_are_lists_of_layers_and_texts_of_any_characters(string line, string other)
    {
        Assert.Contains(line, Written);
        AssertRead(Written.Replace(line, other));
    }

    [Theory]
    [InlineData("  epochs: 2", "  epochs: many", "training.epochs is not what a configuration has there")]
    [InlineData("  epochs: 2", "  epochs: -2", "training.epochs is -2; it must be 1 to")]
    [InlineData("  epochs: 2", "  epoch: 2", "epoch is no line of it")]
    [InlineData("training:", "training", "training is no line of it")]
    [InlineData("  epochs: 2", "   epochs: 2", "epochs: 2 is no line of it")]
    [InlineData("  root: \"./data\"", "  root: \"./data", "root: \"./data is no line of it")]
    public void What_0_1_did_not_write_is_refused_in_one_sentence(string line, string other, string sentence)
    {
        Assert.Contains(line, Written);
        string error = Assert.Single(Assert.Throws<ConfigurationException>(() => Configuration01.Read(Written.Replace(line, other))).Errors);
        Assert.Contains(sentence, error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Lists_within_lists_cost_no_stack() =>
        Assert.Throws<ConfigurationException>(() => Configuration01.Read(Written.Replace("  weight: null", $"  weight: {new string('[', 400_000)}{new string(']', 400_000)}")));

    static void AssertRead(string yaml)
    {
        RunConfiguration expected = (RunConfiguration)EarlierDefaults.Fill(ConfigurationReader.Parse(yaml, "config.yaml").Configuration);
        Assert.Equal(RunOptionsJson.Write(expected), RunOptionsJson.Write(Configuration01.Read(yaml)));
    }
}
