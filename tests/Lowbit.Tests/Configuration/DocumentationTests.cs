using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public partial class DocumentationTests
{
    const string Begin = "<!-- keys: written by the tests from the code -->\n", End = "<!-- end of keys -->\n";

    public static TheoryData<string> Sections => [.. KeyNames.Of(typeof(RunConfiguration)).Select(entry => entry.Key)];

    /// <summary>LOWBIT_UPDATE_DOCS=1 writes the tables instead of comparing them.</summary>
    [Theory, MemberData(nameof(Sections))]
    public void A_page_lists_the_keys_of_its_section_as_they_are(string section)
    {
        string path = Repository.PathOf($"docs/configuration/{section}.md"), page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = page.IndexOf(End, StringComparison.Ordinal);
        string expected = page[..begin] + Tables(section) + page[end..];
        if (Environment.GetEnvironmentVariable("LOWBIT_UPDATE_DOCS") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, page);
    }

    [Theory, MemberData(nameof(Sections))]
    public void The_example_of_a_page_is_a_valid_configuration(string section)
    {
        string yaml = Example().Match(File.ReadAllText(Repository.PathOf($"docs/configuration/{section}.md"))).Groups[1].Value;
        if (!yaml.Contains("model:", StringComparison.Ordinal)) yaml += "model:\n  name: quant_resnet20\n";

        Assert.Empty(ConfigurationReader.Parse(yaml, section).Warnings);
    }

    [Fact]
    public void The_example_of_the_page_on_files_shares_settings()
    {
        string yaml = Example().Match(File.ReadAllText(Repository.PathOf("docs/configuration/file.md"))).Groups[1].Value;
        Environment.SetEnvironmentVariable("DATASETS", "/mnt/datasets");

        ParsedConfiguration read = ConfigurationReader.Parse(yaml, "file.md");

        Assert.Empty(read.Warnings);
        Assert.Equal((30, 256), (read.Configuration.Training.Epochs, read.Configuration.Training.BatchSize));
        Assert.Equal("/mnt/datasets/cifar", read.Configuration.Dataset.Root);
    }

    static string Tables(string section)
    {
        Type type = KeyNames.Of(typeof(RunConfiguration)).Single(entry => entry.Key == section).Property.PropertyType;
        var parts = KeyNames.Of(type).Select(entry => (entry.Key, Type: Nullable.GetUnderlyingType(entry.Property.PropertyType) ?? entry.Property.PropertyType));
        return OptionTable.Markdown(type) + string.Concat(parts.Select(part =>
            part.Type.IsEnum ? "\n" + OptionTable.Choices(part.Type)
            : ValueTypes.ListItem(part.Type) is { } item && KeyNames.IsSection(item) ? $"\nEach of `{part.Key}`:\n\n{OptionTable.Markdown(item)}"
            : ""));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
