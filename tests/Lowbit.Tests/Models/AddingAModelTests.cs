using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Models;

public partial class AddingAModelTests
{
    [Theory]
    [InlineData(0, "TwoPaths.cs")]
    [InlineData(1, "AddingAModelTests.cs")]
    [InlineData(2, "AddingAModelTests.cs")]
    [InlineData(3, "AddingAModelTests.cs")]
    public void What_the_page_shows_is_what_is_compiled_and_run_here(int block, string file)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-a-model.md"));
        string[] blocks = [.. CodeBlock().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(4, blocks.Length);
        Assert.Contains(Unindented(blocks[block]), Unindented(File.ReadAllText(Repository.PathOf($"tests/Lowbit.Tests/Models/{file}"))));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void The_network_of_the_page_learns_digits_and_is_exported()
    {
        using var folder = new TemporaryFolder();
        string path = folder["model.onnx"];
        torch.random.manual_seed(1);

        var images = new Shape(Channels: 1, Height: 16, Width: 16);
        GraphBuilder x = new GraphBuilder(images).Normalize(mean: [127.5], std: [127.5]);
        Graph model = TwoPaths.Build(x, classes: 10).ToGraph();

        Graph quantized = model.Quantize(new QuantizationSpec { WeightBitWidth = 4, ActivationBitWidth = 4, CollectStatisticsSteps = 20 });
        Console.Write(Summary.Of(quantized));

        using DatasetSplits data = Datasets.Open(new DatasetOptions { Name = "digits", ImageSize = 16, Augment = false });
        DataLoader loader = data.TrainingLoader(batchSize: 32, seed: 42);
        using var network = new Network(quantized);
        using Optimizer optimizer = Optimizer.Create(network, new OptimizerOptions { Name = OptimizerKind.Adam });
        Loss loss = Losses.Create(new LossOptions());
        for (int epoch = 0; epoch < 3; epoch++)
        {
            network.train();
            foreach (Batch batch in loader.Epoch(epoch))
                using (batch)
                using (torch.NewDisposeScope())
                {
                    optimizer.ZeroGrad();
                    loss(network.forward(batch.Images), batch.Labels).backward();
                    optimizer.Step(learningRate: 0.01 * Math.Pow(0.3, epoch));
                    network.AfterStep();
                }
        }
        Evaluation evaluation = Evaluation.Of(network, data.EvaluationLoader(data.Test, batchSize: 128).Epoch(0), loss);
        Console.WriteLine($"{evaluation.Score.Top1:P1}");

        using Batch test = data.EvaluationLoader(data.Test, batchSize: 64).Epoch(0).First();
        network.eval();
        OnnxExport.WriteVerified(network, path, new ExportOptions { Format = ExportFormat.Qonnx }, test.Images);

        Assert.InRange(evaluation.Score.Top1, 0.7, 1);
        Assert.True(File.Exists(path));
    }

    static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
