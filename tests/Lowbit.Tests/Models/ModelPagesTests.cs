using System.Globalization;
using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Models;

/// <summary>docs/models: its tables are those of the code, and its configurations build.</summary>
public partial class ModelPagesTests
{
    static readonly int[] BitWidths = [8, 4, 2, 1];

    public static TheoryData<string> Pages => ["standard", "quantized"];

    /// <summary>LOWBIT_UPDATE_DOCS=1 writes the tables instead of comparing them.</summary>
    [Theory, MemberData(nameof(Pages))]
    public void A_page_lists_its_models_as_they_are(string page) => Compare(page, "models", page == "standard" ? Standard() : Quantized());

    [Fact]
    public void The_page_lists_all_names_of_quantizers() => Compare("quantized", "quantizers",
        "| Weights | Brevitas |\n| --- | --- |\n" + Rows(QuantizerNames.Weights.Select(entry => (entry.Key, entry.Value.Scale.ToString()))) +
        "\n| Activations | Brevitas |\n| --- | --- |\n" + Rows(QuantizerNames.Activations.Select(entry => (entry.Key, entry.Value.ToString()))));

    [Theory, MemberData(nameof(Pages))]
    public void The_configurations_of_a_page_are_valid_and_build(string page)
    {
        string[] examples = [.. Example().Matches(File.ReadAllText(PathOf(page))).Select(match => match.Groups[1].Value)];

        Assert.NotEmpty(examples);
        Assert.All(examples, yaml =>
        {
            ParsedConfiguration read = ConfigurationReader.Parse(yaml, page);
            Assert.Empty(read.Warnings);
            DatasetOptions images = ConfiguredModel.ImagesFor(read.Configuration);
            DatasetInfo data = images.Name == "imagefolder"
                ? new("photos", 3, images.ImageSize!.Value, images.ImageSize.Value, ["cat", "dog"], [0.5f], [0.25f])
                : Datasets.Describe(images);
            ConfiguredModel.Build(read.Configuration, data);
        });
    }

    static string Standard() => "| Model | Parameters | MACs | Bytes |\n| --- | ---: | ---: | ---: |\n" + string.Concat(
        ModelZoo.Names.Where(name => !ModelZoo.IsQuantized(name)).Select(name => (Name: name, Summary: SummaryOf(name, 8)))
            .Select(row => $"| `{row.Name}` | {Number(row.Summary.Parameters)} | {Number(row.Summary.Macs)} | {Number(row.Summary.FloatBytes)} |\n"));

    static string Quantized() => "| Model | Parameters | Float | 8 bits | 4 bits | 2 bits | 1 bit |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" + string.Concat(
        ModelZoo.Names.Where(ModelZoo.IsQuantized).Select(name => (Name: name, Summaries: BitWidths.Select(bits => SummaryOf(name, bits)).ToArray()))
            .Select(row => $"| `{row.Name}` | {Number(row.Summaries[0].Parameters)} | {Number(row.Summaries[0].FloatBytes)} | {string.Join(" | ", row.Summaries.Select(summary => Number(summary.PackedBytes)))} |\n"));

    static Summary SummaryOf(string name, int bits) =>
        Summary.Of(ModelZoo.Build(new(name, new(3, 32, 32), Classes: 10), new() { WeightBitWidth = bits, ActivationBitWidth = bits }));

    /// <summary>The plain name of each scale, and the names that Brevitas has for it: those that begin with a capital.</summary>
    static string Rows(IEnumerable<(string Name, string Scale)> names) => string.Concat(names.GroupBy(entry => entry.Scale).Select(scale =>
        $"| {Listed(scale, name => !char.IsUpper(name[0]))} | {Listed(scale, name => char.IsUpper(name[0]))} |\n"));

    static string Listed(IEnumerable<(string Name, string Scale)> names, Func<string, bool> which) =>
        string.Join(", ", names.Where(entry => which(entry.Name)).Select(entry => $"`{entry.Name}`"));

    static void Compare(string page, string table, string expected)
    {
        string text = File.ReadAllText(PathOf(page)), mark = $"<!-- {table}: written by the tests from the code -->\n";
        int begin = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length, end = text.IndexOf($"<!-- end of {table} -->", StringComparison.Ordinal);
        expected = text[..begin] + expected + text[end..];
        if (Environment.GetEnvironmentVariable("LOWBIT_UPDATE_DOCS") == "1") File.WriteAllText(PathOf(page), expected);
        else Assert.Equal(expected, text);
    }

    static string PathOf(string page) => Repository.PathOf($"docs/models/{page}.md");

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
