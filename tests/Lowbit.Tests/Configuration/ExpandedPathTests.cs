using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public sealed class ExpandedPathTests : IDisposable
{
    /// <summary>Names that no other test and no machine has.</summary>
    const string Folder = "LOWBIT_TEST_FOLDER", Odd = "LOWBIT_TEST_ODD";

    static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public ExpandedPathTests()
    {
        Environment.SetEnvironmentVariable(Folder, "/mnt/images");
        Environment.SetEnvironmentVariable(Odd, "/mnt/${HOME}/~$$");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Folder, null);
        Environment.SetEnvironmentVariable(Odd, null);
    }

    public static TheoryData<string> Paths => [.. Keys];

    static IEnumerable<string> Keys => ["dataset.root", "model.pretrained", "tensorboard.log_dir", "checkpoint.dir", "checkpoint.resume"];

    [Theory, MemberData(nameof(Paths))]
    public void Every_key_that_is_a_path_is_expanded(string key)
    {
        RunConfiguration run = Read($"{key}='~/a/${{{Folder}}}/$LOWBIT_TEST_FOLDER/b'");

        Assert.Equal($"{Home}/a//mnt/images//mnt/images/b", ValueOf(run, key));
    }

    [Theory]
    [InlineData("~", "{0}")]
    [InlineData("./~", "./~")]
    [InlineData("a~b/c~", "a~b/c~")]
    [InlineData("a$$b", "a$b")]
    [InlineData("$5/$", "$5/$")]
    [InlineData("../data", "../data")]
    public void The_rest_stays_as_it_is(string text, string expected) =>
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, Home), Read($"dataset.root='{text}'").Dataset.Root);

    [Theory]
    [InlineData("${LOWBIT_TEST_ABSENT}/a", "there is no environment variable LOWBIT_TEST_ABSENT; $$ stands for a dollar sign")]
    [InlineData("$LOWBIT_TEST_ABSENT", "there is no environment variable LOWBIT_TEST_ABSENT; $$ stands for a dollar sign")]
    [InlineData("${A", "${ must be followed by the name of an environment variable and }; $$ stands for a dollar sign")]
    [InlineData("${A:-b}", "${ must be followed by the name of an environment variable and }; $$ stands for a dollar sign")]
    [InlineData("~somebody/a", "~ stands for the home folder only before a slash; ./~somebody/a is a file or folder of that name")]
    public void What_cannot_be_expanded_is_refused_in_one_sentence(string text, string reason) =>
        Assert.Equal($"--set dataset.root='{text}': dataset.root is \"{text}\"; {reason}", Refusal($"dataset.root='{text}'"));

    [Fact]
    public void A_path_is_neither_empty_nor_has_it_control_characters()
    {
        Assert.Equal("--set checkpoint.dir=\"\": checkpoint.dir is empty; it leaves no path, and . is the current folder", Refusal("checkpoint.dir=\"\""));
        Assert.EndsWith("; a path has no control characters", Refusal("dataset.root=\"a\\0b\""));
    }

    [Theory]
    [InlineData("tensorboard.log_dir")]
    [InlineData("checkpoint.experiment_name")]
    [InlineData("checkpoint.resume")]
    public void An_empty_text_is_no_path_where_a_key_may_be_left_out(string key) => Assert.Null(ValueOf(Read($"{key}=\"\""), key));

    [Fact]
    public void What_was_expanded_is_written_so_that_it_is_read_the_same()
    {
        RunConfiguration run = Read($"dataset.root=${{{Odd}}}");
        string written = ConfigurationWriter.Write(run);

        Assert.Equal("/mnt/${HOME}/~$$", run.Dataset.Root);
        Assert.Equal(run.Dataset.Root, ConfigurationReader.Parse(written, "config.yaml").Configuration.Dataset.Root);
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/tmp/x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..\\..\\x")]
    public void A_name_that_leads_out_of_the_folder_of_runs_is_refused(string name) => Assert.Equal(
        $"--set checkpoint.experiment_name='{name}': checkpoint.experiment_name is \"{name}\"; it must be the name of one folder: no / or \\ in it, not . or .., at most 200 bytes",
        Refusal($"checkpoint.experiment_name='{name}'"));

    [Theory]
    [InlineData("resnet 20, 4 bits (try 2)")]
    [InlineData("...x")]
    [InlineData("versuch_größe")]
    public void Other_names_of_runs_are_taken(string name) => Assert.Equal(name, Read($"checkpoint.experiment_name='{name}'").Checkpoint.ExperimentName);

    static object? ValueOf(RunConfiguration run, string key)
    {
        string[] names = key.Split('.');
        object section = KeyNames.Of(typeof(RunConfiguration)).Single(entry => entry.Key == names[0]).Property.GetValue(run)!;
        return KeyNames.Of(section.GetType()).Single(entry => entry.Key == names[1]).Property.GetValue(section);
    }

    static RunConfiguration Read(string assignment) => ConfigurationReader.Parse("model: { name: quant_cnv }", "x.yaml", [assignment]).Configuration;

    static string Refusal(string assignment) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse("model: { name: quant_cnv }", "x.yaml", [assignment])).Errors);
}
