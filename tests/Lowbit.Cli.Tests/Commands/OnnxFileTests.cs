using System.Text.RegularExpressions;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Lowbit.Tests;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>inspect, eval and verify on a file of a network for the digits.</summary>
public sealed partial class OnnxFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public OnnxFileTests()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        using var network = new Network(ModelZoo.Build(new("quant_resnet20", new Shape(1, 8, 8), 10), new() { WeightBitWidth = 3, ActivationBitWidth = 4 }));
        torch.Tensor images = torch.randint(0, 256, [3, 1, 8, 8]).to(torch.float32);
        network.train();
        network.forward(images);
        network.eval();
        OnnxExport.Write(network, folder.PathOf("net.onnx"), new());
        torch.Tensor logits = OnnxNetwork.Load(folder.PathOf("net.onnx")).Run(images);
        Safetensors.Write(folder.PathOf("right.safetensors"), [("x", images), ("eval_logits", logits)]);
        Safetensors.Write(folder.PathOf("wrong.safetensors"), [("x", images), ("eval_logits", logits.flip(0))]);
        folder.Write("broken.onnx", "not a network at all");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Inspect_shows_nodes_and_quantizers()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "inspect", "net.onnx");
        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("net.onnx: QONNX, opset ", output);
        Assert.Contains("input input [1,1,8,8], output logits [1,10]", output);
        Assert.Single(output.Split('\n'), line => line.StartsWith("total ", StringComparison.Ordinal));
        Assert.Contains("signed narrow", output);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("interpreter")]
    public void Eval_gives_accuracy_and_confusion(string engine)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "eval", "net.onnx", "--dataset", "digits", "--image-size", "8", "--limit", "30", "--engine", engine);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("net.onnx, 30 test images of digits", output);
        Assert.Contains("top-1", output);
        Assert.Contains("as 9", output);
    }

    [Theory]
    [InlineData("right.safetensors", 0)]
    [InlineData("wrong.safetensors", 1)]
    public void Verify_ends_with_1_where_logits_differ(string vectors, int expected)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "verify", "net.onnx", "--test-vectors", vectors);
        Assert.Equal(expected, exitCode);
        Assert.StartsWith("net.onnx: logits of 3 images differ by ", output);
        Assert.Contains("top-1 is the same for", output);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData(1, "inspect", "absent.onnx")]
    [InlineData(1, "inspect", "broken.onnx")]
    [InlineData(1, "eval", "broken.onnx", "--dataset", "digits")]
    [InlineData(1, "eval", "net.onnx", "--dataset", "digits")]
    [InlineData(1, "eval", "net.onnx", "--dataset", "digits", "--image-size", "8", "--engine", "onnxruntime")]
    [InlineData(1, "verify", "broken.onnx", "--test-vectors", "right.safetensors")]
    [InlineData(1, "verify", "net.onnx", "--test-vectors", "broken.onnx")]
    [InlineData(2, "eval", "net.onnx")]
    [InlineData(2, "eval", "net.onnx", "--dataset", "digit")]
    [InlineData(2, "eval", "net.onnx", "--dataset", "digits", "--limit", "0")]
    [InlineData(2, "eval", "net.onnx", "--dataset", "digits", "--engine", "onnx")]
    [InlineData(2, "eval", "net.onnx", "--dataset", "digits", "--input", "bytes")]
    [InlineData(2, "inspect", "net.onnx", "--image-shape", "3by3")]
    [InlineData(2, "verify", "net.onnx")]
    public void What_cannot_be_is_told_in_a_sentence(int expected, params string[] arguments)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, arguments);
        Assert.Equal(expected, exitCode);
        Assert.Empty(output);
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors);
        Assert.DoesNotContain("report it", errors);
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("verify")]
    [InlineData("inspect")]
    public void Every_option_of_a_file_is_in_the_table_of_its_page(string command)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/export.md"));
        string[] table = page[page.IndexOf("## Running a file", StringComparison.Ordinal)..].Split("\n\n")[2].Split('\n');
        string[] columns = [.. table[0].Split('|').Select(name => name.Trim())];
        string ofCommand = string.Join('\n', table.Skip(2).Where(row => row.Split('|')[Array.IndexOf(columns, command)].Trim().Length > 0));
        string help = LowbitProcess.Run(folder.Path, command, "--help").Output;
        string[] options = [.. OptionName().Matches(help).Select(match => match.Value).Distinct().Except(["--help", "--images"])];   // --images is for runs

        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains(option, ofCommand, StringComparison.Ordinal));
    }

    [GeneratedRegex("(?<=^  )--[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex OptionName();
}
