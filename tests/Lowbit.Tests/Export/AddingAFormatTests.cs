using System.Text.RegularExpressions;
using Lowbit.Export;
using Lowbit.Networks;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Export;

public sealed partial class AddingAFormatTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    [Theory]
    [InlineData(0, "src/Lowbit.Onnx/Writing/ElementaryForm.cs")]
    [InlineData(1, "src/Lowbit.Onnx/ExportFormats.cs")]
    [InlineData(2, "src/Lowbit.Onnx/ExportFormats.cs")]
    [InlineData(3, "tests/Lowbit.Tests/Export/AddingAFormatTests.cs")]
    public void What_the_page_shows_is_what_is_compiled_and_run_here(int block, string file)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-an-export-format.md"));
        string[] blocks = [.. CodeBlock().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(4, blocks.Length);
        Assert.Contains(Unindented(blocks[block]), Unindented(File.ReadAllText(Repository.PathOf(file))));
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("quant_resnet20", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_resnet20", "weight_bit_width: 2, act_bit_width: 3, weight_quantizer: shifted, act_quantizer: shifted")]
    [InlineData("quant_cnv", "scheme: bnn_pynq, weight_bit_width: 1, act_bit_width: 1")]
    public void The_format_of_the_page_gives_the_networks_logits_in_ONNX_Runtime(string model, string quantization)
    {
        using var trained = TrainedNetwork.Of($"name: {model}", quantization, imageSize: model == "quant_cnv" ? 32 : 8, images: 32);
        (Network network, torch.Tensor images) = (trained.Network, trained.Images);

        ExportReport report = OnnxExport.WriteVerified(network, path, new ExportOptions { Format = ExportFormat.Elementary, Batch = null }, images);

        Assert.Contains(report.Runs, run => run.Name.StartsWith("ONNX Runtime", StringComparison.Ordinal));
        Assert.DoesNotContain(OnnxModel.Read(path).Nodes, static node => node.Kind.Contains("Quant", StringComparison.Ordinal) || node.Kind.Contains("Linear", StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_has_each_format_once() => Assert.Equal(Enum.GetValues<ExportFormat>(), ExportFormats.All.Select(entry => entry.Format));

    public void Dispose() => File.Delete(path);

    static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
