using System.Text.Json;
using System.Text.RegularExpressions;
using Lowbit.Cli.Reports;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Tests;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed partial class ReportTests(SomeReports some) : IClassFixture<SomeReports>, IDisposable
{
    static readonly string[] Sections = ["curves", "accuracy", "mistakes", "layers", "weights", "activations", "exports", "hardware", "configuration", "reproduce"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_report_is_one_page_of_all_sections_that_loads_nothing()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(some.Runs.Path, "report", "runs/digits/w2a4");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches(@"^runs/digits/w2a4/report\.html: quant_resnet20 after epoch 1, [\d,]+ bytes\n$", output);
        string page = File.ReadAllText(some.Runs.PathOf("runs", "digits", "w2a4", "report.html"));
        Assert.Equal(Sections, SectionsOf(page));
        Assert.DoesNotMatch(@"(src|href|action)\s*=\s*[""']?\s*(https?:)?//|url\(\s*[""']?\s*https?:|@import", WithoutScripts(page));
        Assert.Contains("Content-Security-Policy\" content=\"default-src 'none'", page);
        Assert.Contains("Licensed to the Apache Software Foundation", page);
        Assert.Contains("lowbit train runs/digits/w2a4/config.yaml", page);
        Assert.Contains("alt=\"an image of the class", page);
    }

    [Fact]
    public void Charts_draw_what_the_run_recorded_and_the_network_is()
    {
        RunReport report = some.ReportOf("w2a4");
        JsonElement data = DataOf(HtmlPage.Of(report));

        Assert.Equal(some.Runs.Runs[2].Epochs[0].Test!.Top1, data.GetProperty("epochs")[0].GetProperty("testAccuracy").GetDouble());
        Assert.Equal(360, data.GetProperty("evaluation").GetProperty("confusion").EnumerateArray().Sum(field => field[2].GetInt64()));
        Assert.Equal(some.Runs.Runs[2].LastAccuracy!.Value, report.Evaluation!.Score.Top1, 1e-9);
        Assert.Equal(report.Evaluation.Images, report.Evaluation.ByClass.Sum(entry => entry.Images));
        JsonElement network = data.GetProperty("network");
        Assert.Equal(some.Runs.Runs[2].Network.PackedBytes, network.GetProperty("total").GetProperty("packedBytes").GetInt64());
        JsonElement weights = network.GetProperty("weights")[1];   // a convolution between the first and the last layer, of 2 bits
        Assert.Equal([-1, 0, 1], weights.GetProperty("levels").EnumerateArray().Select(level => level.GetInt32()));
        Assert.Equal(network.GetProperty("layers")[1].GetProperty("parameters").GetInt64(), weights.GetProperty("counts").EnumerateArray().Sum(count => count.GetInt64()));
        Assert.All(network.GetProperty("activations").EnumerateArray(), row => Assert.True(row.GetProperty("low").GetDouble() < row.GetProperty("high").GetDouble()));
        Assert.Equal(["float32 ONNX", "qonnx", "qcdq", "elementary", "qcdq, packed weights", "integers", "safetensors"], report.Exports.Select(file => file.Name));
        Assert.All(report.Exports, file => Assert.True(file.Bytes > 0, file.Problem));
    }

    [Fact]
    public void The_most_confident_mistakes_come_first_and_are_mistakes()
    {
        IReadOnlyList<Mistake> mistakes = some.ReportOf("w2a4").Evaluation!.Mistakes;

        Assert.NotEmpty(mistakes);
        Assert.All(mistakes, mistake => Assert.NotEqual(mistake.Shown, mistake.Said));
        Assert.Equal(mistakes.OrderByDescending(mistake => mistake.Probability), mistakes);
        Assert.StartsWith("data:image/png;base64,", mistakes[0].Picture);
    }

    [Fact]
    public void A_float_network_has_no_levels_and_a_run_that_was_interrupted_no_curves()
    {
        RunReport plain = some.ReportOf("float"), half = some.ReportOf("half");

        Assert.Empty(plain.Hardware);
        Assert.Empty(plain.Network.Activations);
        Assert.All(plain.Network.Weights, layer => Assert.Empty(layer.Levels));
        Assert.Equal(["ONNX", "safetensors"], plain.Exports.Select(file => file.Name));
        Assert.Empty(plain.Missing);
        Assert.Equal(["No curves: no epoch is finished yet."], half.Missing);
        Assert.DoesNotContain("curves", SectionsOf(HtmlPage.Of(half)));
    }

    [Fact]
    public void What_a_run_has_lost_is_said_and_the_rest_is_shown()
    {
        foreach (string file in Directory.GetFiles(some.Runs.PathOf("runs", "digits", "w2a4"), "*", SearchOption.AllDirectories)) Copy(file);
        File.Delete(folder.PathOf("w2a4", "metrics.csv"));
        File.WriteAllText(folder.PathOf("w2a4", "health.csv"), "epoch,node\n1,conv1\n");
        RunReport report = SomeReports.Make(folder.PathOf("w2a4"), null);

        Assert.StartsWith("No curves: ", report.Missing[0]);
        Assert.EndsWith("metrics.csv is not there.", report.Missing[0]);
        Assert.StartsWith("No clipped integers: ", report.Missing[1]);
        Assert.Contains("health.csv is not a file of a run's layers", report.Missing[1]);
        Assert.DoesNotContain("curves", SectionsOf(HtmlPage.Of(report)));
        Assert.NotNull(report.Evaluation);

        void Copy(string file)
        {
            string copy = folder.PathOf("w2a4", Path.GetRelativePath(some.Runs.PathOf("runs", "digits", "w2a4"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_of_a_program_is_shown_without_images_and_with_those_that_are_given_and_its_names_are_escaped()
    {
        string run = TrainByProgram("</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>");
        RunReport without = SomeReports.Make(run, null);
        HtmlPage.Of(without);
        Assert.Null(without.Evaluation);
        Assert.Contains("a program gave the images of", Assert.Single(without.Missing));
        Assert.Null(without.Reproduction.Command);

        RunReport report = SomeReports.Make(run, folder.PathOf("images.safetensors"));
        string page = HtmlPage.Of(report);

        Assert.Equal(8, report.Evaluation!.Images);
        Assert.Empty(report.Missing);
        Assert.DoesNotContain("alert(1)</script>", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.Contains("&lt;img src=x onerror=alert(2)&gt;", page);
        Assert.Equal("<img src=x onerror=alert(2)>", DataOf(page).GetProperty("evaluation").GetProperty("classes")[1].GetString());
        AssertIsDrawn(page, "escaped.html");
    }

    [Fact]
    public void It_can_be_interrupted_at_any_stage()
    {
        using var source = new ReportSource(some.Runs.PathOf("runs", "digits", "w2a4"), null, null);
        foreach (string stage in new[] { "evaluating test images", "writing qcdq" })
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => RunReport.Of(source, new AtStage(stage, stop), stop.Token));
        }
    }

    [Theory]
    [InlineData(1, "report", "absent")]
    [InlineData(1, "report", "runs")]
    [InlineData(1, "report", "runs/digits/w2a4", "--images", "absent.safetensors")]
    [InlineData(2, "report", "runs/digits/w2a4", "-o", "runs")]
    [InlineData(2, "report", "runs/digits/w2a4", "-o", "runs/digits/w2a4/config.yaml")]
    [InlineData(2, "report")]
    [InlineData(2, "compare", "runs/digits/w2a4", "runs/digits/float", "-o", "runs")]
    [InlineData(2, "compare", "runs/digits/w2a4", "runs/digits/float", "-o", "page.html", "--json")]
    public void Wrong_usage_is_told_in_a_sentence(int expected, params string[] arguments)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(some.Runs.Path, arguments);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public void A_comparison_marks_what_differs_and_has_every_run()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(some.Runs.Path, "compare", "runs/digits/w2a4", "runs/digits/float", "runs/digits/half", "-o", "compare.html");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith("compare.html: 3 runs, ", output);
        string page = File.ReadAllText(some.Runs.PathOf("compare.html"));
        Assert.Equal(["missing", "curves", "costs", "results", "configuration"], SectionsOf(page));
        Assert.Equal(["w2a4", "float", "half"], DataOf(page).GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()));
        Assert.Matches(@"<tr class=""differs""><td>packed bytes</td>", page);
        Assert.Matches(@"<tr><td>dataset\.name</td>", page);
        Assert.Matches(@"<tr class=""differs""><td>model\.name</td>", page);
    }

    [Fact(Skip = Browser.Reason, SkipUnless = nameof(Browser.IsHere), SkipType = typeof(Browser))]
    public void A_browser_draws_every_chart_of_a_report_and_writes_nothing_to_its_console()
    {
        Assert.SkipUnless(LongTests.AreWantedInTheGate, LongTests.GateReason);
        var charts = AssertIsDrawn(HtmlPage.Of(some.ReportOf("w2a4")), "report.html");

        Assert.Superset(new HashSet<string> { "accuracy", "loss", "rate", "classes", "confusion", "bits", "costs", "clipped", "weights", "ranges", "clippedActivations", "exports" }, charts.ToHashSet());
        AssertIsDrawn(HtmlPage.Of(some.ReportOf("float")), "float.html");
    }

    [Fact(Skip = Browser.Reason, SkipUnless = nameof(Browser.IsHere), SkipType = typeof(Browser))]
    public void A_browser_draws_every_chart_of_a_comparison() =>
        Assert.Equal(["runAccuracies", "runLosses", "runBytes", "runBitOperations"], AssertIsDrawn(HtmlPage.Of(RunComparison.Of(some.Runs.Runs)), "compare.html"));

    /// <summary>Opens a page in a browser, where there is one.</summary>
    string[] AssertIsDrawn(string page, string name)
    {
        if (!Browser.IsHere) return [];
        File.WriteAllText(folder.PathOf(name), page + Browser.Hovering);
        var (html, console) = Browser.Open(folder.PathOf(name));
        Assert.Empty(console);
        var charts = Browser.ChartsIn(html);
        Assert.NotEmpty(charts);
        Assert.All(charts, chart => Assert.True(chart is { Shapes: > 0, Tip: not "" }, $"{chart}"));
        return [.. charts.Select(chart => chart.Chart)];
    }

    /// <summary>Trains a network of a program's own on 8 images of two classes, which are also written to images.safetensors.</summary>
    string TrainByProgram(params string[] classes)
    {
        using var scope = torch.NewDisposeScope();
        byte[] pixels = [.. Enumerable.Range(0, 8 * 64).Select(i => (byte)(i % 64 / 8 * (i / 64 % 2) * 30))];
        int[] labels = [0, 1, 0, 1, 0, 1, 0, 1];
        Safetensors.Write(folder.PathOf("images.safetensors"), [("x", torch.tensor(pixels, [8, 1, 8, 8])), ("labels", torch.tensor(labels.Select(label => (long)label).ToArray()))]);
        var info = new DatasetInfo("bars", Channels: 1, Height: 8, Width: 8, classes, Mean: [0.5f], Std: [0.5f]);
        using var data = new DatasetSplits(info, new ImagesInMemory(pixels, labels), new ImagesInMemory(pixels, labels));
        Graph graph = new GraphBuilder(info.Shape).Normalize(mean: [127.5], std: [127.5]).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(2).ToGraph()
            .Quantize(new QuantizationSpec { WeightBitWidth = 1, ActivationBitWidth = 2, CollectStatisticsSteps = 1 });
        return TrainingRun.Run(graph, data, new() { Training = new() { Epochs = 1, BatchSize = 4 }, Checkpoint = new() { Dir = folder.PathOf("runs"), ExperimentName = "program" } }).Folder!.Path;
    }

    /// <summary>Cancels when a stage begins.</summary>
    sealed class AtStage(string name, CancellationTokenSource stop) : IProgress<ReportStage>
    {
        public void Report(ReportStage stage)
        {
            if (stage.What == name) stop.Cancel();
        }
    }

    static string[] SectionsOf(string page) => [.. SectionId().Matches(page).Select(section => section.Groups["id"].Value)];

    static JsonElement DataOf(string page) => JsonDocument.Parse(DataBlock().Match(page).Groups["json"].Value).RootElement;

    static string WithoutScripts(string page) => Script().Replace(page, "");

    [GeneratedRegex(@"<section id=""(?<id>\w+)""")]
    private static partial Regex SectionId();

    [GeneratedRegex(@"<script id=""data"" type=""application/json"">(?<json>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex DataBlock();

    [GeneratedRegex(@"<script>.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
