using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Quantization;
using Lowbit.Tests.Data;
using Lowbit.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

public partial class AddingAQuantizerTests
{
    [Theory]
    [InlineData(0, "tests/Lowbit.Tests/Quantization/RootMeanSquare.cs")]
    [InlineData(1, "tests/Lowbit.Tests/Quantization/AddingAQuantizerTests.cs")]
    [InlineData(2, "tests/Lowbit.Tests/Quantization/AddingAQuantizerTests.cs")]
    [InlineData(3, "tests/Lowbit.Tests/Quantization/AddingAQuantizerTests.cs")]
    [InlineData(4, "src/Lowbit/Quantization/Weights/WeightScales.cs")]
    [InlineData(5, "src/Lowbit/Quantization/Weights/Learned.cs")]
    [InlineData(6, "src/Lowbit/Quantization/Activations/LearnedLog.cs")]
    public void What_the_page_shows_is_what_is_compiled_and_run_here(int block, string file)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-a-quantizer.md"));
        string[] blocks = [.. CodeBlock().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(7, blocks.Length);
        Assert.Contains(Unindented(blocks[block]), Unindented(File.ReadAllText(Repository.PathOf(file))));
    }

    [Fact]
    public void The_quantizer_of_the_page_has_the_gradients_that_its_formula_says()
    {
        using var scope = NewDisposeScope();

        var quantizer = new WeightQuantizer(BitWidth: 4, new RootMeanSquare());
        Tensor w = randn(8, 3, 3, 3).requires_grad_();
        using var quantization = new WeightQuantization(quantizer, w);

        QuantizedTensor quantized = quantization.forward(w);
        quantized.Value.backward([ones_like(w)]);

        Tensor rms = (w * w).flatten(1).mean([1]).sqrt().view(-1, 1, 1, 1), step = rms.mul(CachedScalar.Of(3.0 / 7)), level = w / step, q = level.round().clamp(CachedScalar.Of(-7L), CachedScalar.Of(7L));
        Tensor dyds = where(q.eq(level.round()), q - level, q);
        Close.Assert(q * step, quantized.Value, 1e-6, "the value");
        Close.Assert((dyds * rms).flatten(1).sum([1]).div(CachedScalar.Of(7)), quantization.parameters().Single().grad!, 1e-5, "the factor's gradient");
    }

    [Fact]
    public void It_trains_and_is_exported()
    {
        using var folder = new TemporaryFolder();
        string path = folder["model.onnx"];
        torch.random.manual_seed(1);
        using DatasetSplits data = Datasets.Open(new DatasetOptions { Name = "digits", ImageSize = 8, Augment = false });
        Graph model = new GraphBuilder(new Shape(1, 8, 8)).Normalize([127.5], [127.5]).ConvBnRelu(16, kernel: 3).ConvBnRelu(16, kernel: 3, stride: 2)
            .GlobalAveragePool().Linear(10).ToGraph();

        Graph quantized = model.Quantize(new QuantizationSpec { WeightScale = new RootMeanSquare(), WeightBitWidth = 3, CollectStatisticsSteps = 10 });
        using var network = new Network(quantized);
        using Optimizer optimizer = Optimizer.Create(network, new OptimizerOptions { Name = OptimizerKind.Adam });

        Tensor factor = network.State.First(entry => entry.Name == "conv2.weight_quantizer.factor").Tensor;
        using (var sum = new ScoreSum())
            new Trainer(network, Losses.Create(new()), optimizer)
                .Train(data.TrainingLoader(32, seed: 1).Epoch(0).Take(20), 0, 20, _ => 0.01, sum, (_, _) => { }, CancellationToken.None);
        using Batch test = data.EvaluationLoader(data.Test, batchSize: 16).Epoch(0).First();
        network.FinishStatistics();
        network.eval();
        OnnxExport.WriteVerified(network, path, new ExportOptions { Format = ExportFormat.Qonnx }, test.Images);

        Assert.True(factor.sub(CachedScalar.Of(3)).abs().max().item<float>() > 0.001);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void A_run_that_trained_with_it_continues_and_is_evaluated_and_exported_once_it_is_registered()
    {
        using var folder = new TemporaryFolder();
        using DatasetSplits data = Datasets.Open(new DatasetOptions { Name = "digits", ImageSize = 8, Augment = false, Limit = 64 });
        Graph graph = new GraphBuilder(new Shape(1, 8, 8)).Normalize([127.5], [127.5]).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(10).ToGraph()
            .Quantize(new QuantizationSpec { WeightScale = new RootMeanSquare(), WeightBitWidth = 3, CollectStatisticsSteps = 2 });
        RunOptions Options(int epochs, string? resume) =>
            new() { Training = new() { BatchSize = 32, Epochs = epochs }, Checkpoint = new() { Dir = folder.Path, ExperimentName = "own", Resume = resume } };
        RunResult first = TrainingRun.Run(graph, data, Options(1, null));

        WeightScale.Register(new RootMeanSquare());

        RunResult second = TrainingRun.Run(graph, data, Options(2, first.Folder!.Path));
        Assert.Equal(2, second.Position.Epoch);
        using Checkpoint checkpoint = Checkpoint.Read(second.Folder!.Latest);
        Assert.Contains(checkpoint.Graph.WeightedNodes, layer => layer.WeightQuantizer!.Scale is RootMeanSquare);
        RunExport.Write(second.Folder.Path, folder["own.onnx"], new ExportOptions(), new RunExportOptions { Images = _ => data.Test });
        Assert.True(File.Exists(folder["own.onnx"]));
    }

    static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
