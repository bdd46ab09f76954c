using System.Text.Json;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public sealed class RunTableTests(SomeRuns some) : IClassFixture<SomeRuns>
{
    [Theory]
    [InlineData("run", "float half w2a4")]
    [InlineData("bytes", "w2a4 half float")]
    [InlineData("bits", "w2a4 float half", "dataset=dig*", "run=*")]
    [InlineData("run", "half", "state=interrupted")]
    [InlineData("run", "w2a4", "model=quant_*", "state=done")]
    [InlineData("run", "", "dataset=cifar10")]
    public void Runs_are_sorted_and_filtered_by_columns(string sort, string expected, params string[] filters) =>
        Assert.Equal(expected, string.Join(' ', new RunTable(sort, filters).Choose(some.Runs).Select(run => Path.GetFileName(run.Folder.Path))));

    [Fact]
    public void The_best_accuracy_comes_first_and_runs_without_one_last()
    {
        var best = new RunTable("best", []).Choose(some.Runs).Select(run => run.BestAccuracy).ToArray();

        Assert.True(best[0] >= best[1]);
        Assert.Null(best[2]);
    }

    [Fact]
    public void A_table_has_a_line_a_run_and_JSON_an_object()
    {
        string[] lines = RunTable.Format(some.Runs).Split('\n');
        Assert.Matches(@"^run +model +bits +dataset +epochs +last +best +bytes +date +state$", lines[0]);
        Assert.Matches(@"half +quant_resnet20 +4/4 +digits +0/1 +- +- +[\d,]+ +\d{4}-\d\d-\d\d \d\d:\d\d +interrupted$", lines[2]);

        JsonElement[] json = [.. JsonDocument.Parse(RunTable.Json(some.Runs)).RootElement.EnumerateArray()];
        Assert.Equal((3, "digits", 1), (json.Length, json[0].GetProperty("dataset").GetString(), json[0].GetProperty("epochs_asked").GetInt32()));
        Assert.Equal(some.Runs[0].BestAccuracy, json[0].GetProperty("best").GetDouble());
    }

    [Theory]
    [InlineData("bset", "run=a", "--sort: bset is not a column; there are run, model, bits, dataset, epochs, last, best, bytes, date, state; did you mean best?")]
    [InlineData("best", "moddel=a", "did you mean model?")]
    [InlineData("best", "model", "--filter is model; key=value as in dataset=cifar10 is expected")]
    public void Columns_that_do_not_exist_are_refused(string sort, string filter, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<ConfigurationException>(() => new RunTable(sort, [filter])).Message);

    [Fact]
    public void The_command_lists_runs_and_names_broken_ones_without_failing()
    {
        Directory.CreateDirectory(some.PathOf("runs", "digits", "broken", "checkpoints"));
        File.WriteAllText(some.PathOf("runs", "digits", "broken", "config.yaml"), "");

        var (exitCode, output, errors) = LowbitProcess.Run(some.Path, "runs", "runs", "--sort", "bytes");

        Assert.Equal(0, exitCode);
        Assert.Equal(["w2a4", "half", "float"], output.TrimEnd('\n').Split('\n').Skip(1).Select(line => Path.GetFileName(line.Split(' ')[0])));
        Assert.Matches("^not read: runs/digits/broken: .+\n$", errors);
    }
}
