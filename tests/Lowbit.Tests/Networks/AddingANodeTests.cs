using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Networks;

public partial class AddingANodeTests
{
    [Theory]
    [InlineData(0, "src/Lowbit/Graphs/Nodes/LeakyRelu.cs")]
    [InlineData(1, "src/Lowbit/Networks/Layers/LayerFactory.cs")]
    [InlineData(2, "src/Lowbit.Onnx/Writing/NetworkWriter.cs")]
    [InlineData(3, "src/Lowbit/Graphs/Nodes/MaxPool.cs")]
    [InlineData(4, "tests/Lowbit.Tests/Networks/AddingANodeTests.cs")]
    public void What_the_page_shows_is_what_is_compiled_and_run_here(int block, string file)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-a-node.md"));
        string[] blocks = [.. CodeBlock().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(5, blocks.Length);
        Assert.Contains(Unindented(blocks[block]), Unindented(File.ReadAllText(Repository.PathOf(file))));
    }

    [Fact]
    public void The_page_names_every_member_that_a_node_can_declare()
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-a-node.md"));
        var members = typeof(Node).GetMembers(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly)
            .Where(member => member is System.Reflection.MethodInfo { IsVirtual: true, IsSpecialName: false } or System.Reflection.PropertyInfo { GetMethod.IsVirtual: true })
            .Select(member => member.Name).Except(["Name", "ToString", "GetHashCode", "Equals", "EqualityContract", "PrintMembers", "<Clone>$"]);
        Assert.All(members, member => Assert.Contains($"`{member}`", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ExportFormat.Qonnx)]
    [InlineData(ExportFormat.Qcdq)]
    public void The_node_of_the_page_trains_and_is_exported_and_is_a_step_function_of_the_integer_network(ExportFormat format)
    {
        using var folder = new TemporaryFolder();
        torch.random.manual_seed(1);
        using DatasetSplits data = Datasets.Open(new DatasetOptions { Name = "digits", ImageSize = 8, Augment = false });

        Graph model = new GraphBuilder(new Shape(1, 8, 8)).Normalize(mean: [127.5], std: [127.5])
            .Conv(16, kernel: 3).BatchNorm().LeakyRelu(slope: 0.1)
            .Conv(16, kernel: 3, stride: 2).BatchNorm().LeakyRelu(slope: 0.1)
            .GlobalAveragePool().Linear(10).ToGraph();
        Graph quantized = model.Quantize(new QuantizationSpec { WeightBitWidth = 4, ActivationBitWidth = 4, CollectStatisticsSteps = 10 });

        using var network = new Network(quantized);
        using Optimizer optimizer = Optimizer.Create(network, new OptimizerOptions { Name = OptimizerKind.Adam });
        using (var sum = new ScoreSum())
            new Trainer(network, Losses.Create(new()), optimizer)
                .Train(data.TrainingLoader(32, seed: 1).Epoch(0).Take(20), 0, 20, _ => 0.01, sum, (_, _) => { }, CancellationToken.None);
        network.FinishStatistics();
        network.eval();
        using Batch test = data.EvaluationLoader(data.Test, batchSize: 32).Epoch(0).First();
        ExportReport report = OnnxExport.WriteVerified(network, folder["model.onnx"], new() { Format = format, Batch = null }, test.Images);

        Assert.True(report.InIntegers);
        Assert.Equal(GraphJson.Write(quantized), GraphJson.Write(GraphJson.Read(GraphJson.Write(quantized), "test")));
        Assert.True(quantized.Integers.TypeOf("leaky1.quant")!.IsSigned);
    }

    [Theory, InlineData(-0.1), InlineData(1.5), InlineData(double.NaN)]
    public void A_slope_that_does_not_rise_is_refused(double slope) =>
        Assert.StartsWith("leaky1 (leaky relu): a slope of", Assert.Throws<GraphException>(() => new GraphBuilder(new Shape(1, 8, 8)).LeakyRelu(slope)).Message, StringComparison.Ordinal);

    static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
