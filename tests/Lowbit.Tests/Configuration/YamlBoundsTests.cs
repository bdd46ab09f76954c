using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Configuration;

/// <summary>Texts of a few bytes that ask for unbounded time or memory: as keys, as values, in merge keys, on the command line.</summary>
public class YamlBoundsTests
{
    const string Model = "model: { name: quant_cnv }\n";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static TheoryData<string, string> Cases => new()
    {
        { Model + "? &a [*a]\n: x\n", "x.yaml(2,3): a key is a text, and this is a list" },
        { Model + "? &a {x: *a}\n: x\n", "x.yaml(2,3): a key is a text, and this is a section" },
        { Model + "x-a: &a [1]\n? *a\n: x\n", "x.yaml(3,3): a key is a text, and this repeats a section or a list" },
        { Model + "x-a: &a [*a]\n", "x.yaml(2,10): *a stands within the value that it repeats" },
        { Model + "x-a: &a { <<: *a }\n", "x.yaml(2,15): *a stands within the value that it repeats" },
        { Model + "? *a\n: x\n", "x.yaml(2,3): this is not YAML: *a has no anchor &a before it" },
        { Model + "x-a: " + new string('[', 100_000) + new string(']', 100_000), "x.yaml(2,70): sections and lists are nested more than 64 deep" },
        { Model + "x-a: " + new string('[', 100_000), "x.yaml(2,70): sections and lists are nested more than 64 deep" },
        { Repeat("{ a: ", 100_000), "x.yaml(1,323): sections and lists are nested more than 64 deep" },
        { Repeat("? ", 100_000) + "a", "x.yaml(1,3): a key is a text, and this is a section" },
        { Repeat("- ", 100_000) + "a", "x.yaml(1,131): sections and lists are nested more than 64 deep" },
        { string.Concat(Enumerable.Range(0, 700).Select(depth => new string(' ', depth) + "a:\n")), "x.yaml(65,65): sections and lists are nested more than 64 deep" },
        { Model + Laughs("[{0}, {0}]", 33) + "? *a33\n: y\n", "x.yaml(15,18): there are more than 50000 values up to here, with those that aliases repeat" },
        { Model + Laughs("[{0}, {0}]", 33) + "dataset: *a33\n", "x.yaml(15,18): there are more than 50000 values up to here, with those that aliases repeat" },
        { Model + Laughs("{{ a: {0}, b: {0} }}", 33), "x.yaml(15,16): there are more than 50000 values up to here, with those that aliases repeat" },
        { Model + Laughs("{{ <<: [{0}, {0}, {0}] }}", 33, "{ a: 1 }"), "x.yaml(11,16): there are more than 50000 values up to here, with those that aliases repeat" },
        { Model + "dataset: { root: " + new string('r', 1_000_000) + " }\n", "x.yaml(2,18): a text has at most 4096 characters, and this has 1000000" },
        { Model + new string('k', 1000) + ": x\n", $"x.yaml(2,1): {new string('k', 60)}... is not a section here; there are dataset, model, quantization, seed, loss, training, optimizer, scheduler, amp, tensorboard, progress, checkpoint" },
        { Model + "? " + new string('k', 5000) + "\n: x\n", "x.yaml(2,3): a text has at most 4096 characters, and this has 5000" },
        { Model + "loss: { weight: [" + Repeat("1,", 60_000) + "] }\n", "x.yaml(2,100000): there are more than 50000 values up to here, with those that aliases repeat" },
        { new string('#', 1 << 20) + "\n" + Model, "x.yaml(1,1): a configuration has at most 1048576 characters, and this has 1048604" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_text_that_asks_for_too_much_is_refused_in_one_sentence_at_once(string yaml, string sentence) => Assert.Equal(sentence, Refusal(yaml));

    [Theory]
    [InlineData("[*a]", "--set dataset.root=[*a]: the value is not YAML")]
    [InlineData("&a [*a]", "--set dataset.root=&a [*a]: *a stands within the value that it repeats")]
    [InlineData("? &a [*a]\n: x", @"--set dataset.root=? &a [*a]\u000a: x: a key is a text, and this is a list")]
    public void A_value_of_the_command_line_is_bounded_in_the_same_way(string value, string sentence) => Assert.Equal(sentence, Refusal(Model, $"dataset.root={value}"));

    [Fact]
    public void Deep_and_repeated_values_of_the_command_line_are_bounded_too()
    {
        Assert.EndsWith("...: sections and lists are nested more than 64 deep", Refusal(Model, "dataset.root=" + new string('[', 100_000)));
        Assert.EndsWith("...: there are more than 50000 values up to here, with those that aliases repeat", Refusal(Model, "dataset.root=" + Laughs("[{0}, {0}]", 33)));
    }

    [Fact]
    public void Thousands_of_errors_are_counted_instead_of_shown()
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(Model + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"k{i}: 1\n")), "x.yaml"));

        Assert.Equal(21, refused.Errors.Count);
        Assert.Equal("x.yaml: 4980 more errors are not shown", refused.Errors[^1]);
    }

    [Fact]
    public void The_configuration_in_a_checkpoint_is_refused_at_the_first_line_that_0_1_did_not_write()
    {
        string path = Path.GetTempFileName();
        try
        {
            Safetensors.Write(path, [], new Dictionary<string, string> { ["configuration"] = Model + "? &a [*a]\n: x\n" });

            var refused = Assert.Throws<LowbitException>(() => Checkpoint.Read(path));

            Assert.Equal($"{path} is not a checkpoint of this version of Lowbit: its configuration is not one: {Model.Trim()} is no line of it", refused.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    /// <summary>Anchors of which each repeats the one before it several times.</summary>
    static string Laughs(string pattern, int levels, string first = "[x, x]") => string.Concat(Enumerable.Range(0, levels + 1).Select(level =>
        $"a{level}: &a{level} {(level == 0 ? first : string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, $"*a{level - 1}"))}\n"));

    static string Refusal(string yaml, params string[] overrides)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(yaml, "x.yaml", overrides));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
        return Assert.Single(refused.Errors);
    }
}
