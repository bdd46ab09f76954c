using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>Runs whose network, images and options a program gives.</summary>
[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed partial class ProgramRunTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [Fact]
    public void README_shows_these_very_lines()
    {
        string lines = Block.Match(File.ReadAllText(Repository.PathOf("README.md"))).Groups[1].Value;
        Assert.InRange(lines.TrimEnd().Split('\n').Length, 1, 20);
        Assert.Contains(Unindented(lines), Unindented(File.ReadAllText(Repository.PathOf("tests/Lowbit.Tests/Training/ProgramRunTests.cs"))), StringComparison.Ordinal);

        static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void A_network_of_ones_own_learns_images_of_ones_own_and_is_evaluated_and_exported()
    {
        string runs = folder["runs"], onnx = folder["model.onnx"];
        (byte[] pixels, byte[] labels) = Bars(160);
        (byte[] testPixels, byte[] testLabels) = Bars(64);

        ProcessSettings.Apply();
        var info = new DatasetInfo("bars", Channels: 1, Height: 8, Width: 8, Classes: ["upright", "flat"], Mean: [0.5f], Std: [0.5f]);
        using var data = new DatasetSplits(info, train: new ImagesInMemory(pixels, labels), test: new ImagesInMemory(testPixels, testLabels));
        Graph graph = new GraphBuilder(info.Shape).Normalize(mean: [127.5], std: [127.5])
            .ConvBnRelu(8, kernel: 3).MaxPool(2).ConvBnRelu(16, kernel: 3).GlobalAveragePool().Linear(2).ToGraph()
            .Quantize(new QuantizationSpec { WeightBitWidth = 4, ActivationBitWidth = 4, CollectStatisticsSteps = 10 });
        var options = new RunOptions
        {
            Training = new() { Epochs = 4, BatchSize = 16 },
            Optimizer = new() { LearningRate = 0.05 },
            Checkpoint = new() { Dir = runs, ExperimentName = "bars_w4a4" },
        };
        RunResult result = TrainingRun.Run(graph, data, options);
        using Checkpoint checkpoint = Checkpoint.Read(result.Folder!.Best);
        using Network network = checkpoint.BuildNetwork();
        Evaluation evaluation = Evaluation.Of(network, data.EvaluationLoader(data.Test, batchSize: 64).Epoch(0), Losses.Create(options.Loss));
        RunExport.Write(result.Folder.Path, onnx, new ExportOptions(), new RunExportOptions { Images = _ => data.Test });

        Assert.InRange(evaluation.Score.Top1, 0.9, 1);
        using var file = OnnxNetwork.Load(onnx, OnnxEngine.Interpreter);
        Evaluation exported = file.Evaluate(data.EvaluationLoader(data.Test, 64).Epoch(0), info, Losses.Create(new()));
        Assert.Equal(evaluation.Score.Top1, exported.Score.Top1);
        Assert.All(new[] { result.Folder.Configuration, result.Folder.Metrics, result.Folder.Latest }, path => Assert.True(File.Exists(path), path));
        Assert.Null(checkpoint.Configuration);
        Assert.Equal(GraphJson.Write(graph), GraphJson.Write(checkpoint.Graph));
    }

    [Fact]
    public void It_continues_after_an_interruption_to_bit_identical_weights()
    {
        using DatasetSplits data = Data();
        RunResult whole = TrainingRun.Run(Network(), data, Options("whole"));

        using var interruption = new CancellationTokenSource();
        RunResult first = TrainingRun.Run(Network(), data, Options("parts"), new Interrupting(interruption, epoch: 2), interruption.Token);
        Assert.True(first.Interrupted);
        RunOptions resumed = Options("parts");
        RunResult second = TrainingRun.Run(Network(), data, resumed with { Checkpoint = resumed.Checkpoint with { Resume = first.Folder!.Path } });

        Assert.False(second.Interrupted);
        Assert.Equal(first.Folder.Path, second.Folder!.Path);
        using var scope = NewDisposeScope();
        using Safetensors expected = Safetensors.Read(whole.Folder!.Latest), actual = Safetensors.Read(second.Folder.Latest);
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        Assert.All(expected.Tensors, entry => Assert.True(entry.Value.equal(actual.Tensors[entry.Key]).all().item<bool>(), entry.Key));
    }

    [Fact]
    public void It_is_not_continued_with_another_network_other_options_or_as_a_yaml_files()
    {
        using DatasetSplits data = Data();
        RunOptions options = Options("run");
        string path = TrainingRun.Run(Network(), data, options with { Training = options.Training with { Epochs = 1 } }).Folder!.Path;
        RunOptions resumed = options with { Checkpoint = options.Checkpoint with { Resume = path } };

        string Refused(Graph graph, RunOptions asked) => Assert.Throws<ConfigurationException>(() => TrainingRun.Run(graph, data, asked)).Errors[0];
        Assert.Contains("the network is another than that of", Refused(Network(bits: 3), resumed), StringComparison.Ordinal);
        Assert.StartsWith("training.batch_size is 32, but 16 in the run", Refused(Network(), resumed with { Training = resumed.Training with { BatchSize = 32 } }), StringComparison.Ordinal);
        var yaml = new RunConfiguration { Model = new() { Name = "quant_cnv" }, Dataset = new() { Name = "digits" }, Checkpoint = resumed.Checkpoint };
        Assert.Contains("a program gave the network",
            Assert.Throws<ConfigurationException>(() => TrainingRun.Run(yaml, new SilentObserver(), CancellationToken.None)).Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_together_is_one_sentence()
    {
        using DatasetSplits data = Data();
        string Refused(Graph graph, RunOptions options) => Assert.ThrowsAny<LowbitException>(() => TrainingRun.Run(graph, data, options)).Message;
        Assert.Contains("takes images of 3x8x8, and those of bars are 1x8x8", Refused(new GraphBuilder(new(3, 8, 8)).Linear(2).ToGraph(), Options("a")), StringComparison.Ordinal);
        Assert.Contains("at least a logit for each of the 2 classes", Refused(new GraphBuilder(new(1, 8, 8)).Linear(1).ToGraph(), Options("a")), StringComparison.Ordinal);
        Assert.Contains("training.batch_size is 0; it must be 1 to", Refused(Network(), Options("a") with { Training = new() { BatchSize = 0 } }), StringComparison.Ordinal);
        Assert.Contains("a program gave the images of", Assert.Throws<LowbitException>(() =>
            RunExport.Write(TrainingRun.Run(Network(), data, Options("b") with { Training = new() { Epochs = 1, BatchSize = 16 } }).Folder!.Path, folder["m.onnx"], new())).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["m.onnx"]));
    }

    static Graph Network(int bits = 4) => new GraphBuilder(new(1, 8, 8)).Normalize([127.5], [127.5]).ConvBnRelu(4, kernel: 3).GlobalAveragePool().Linear(2).ToGraph()
        .Quantize(new() { WeightBitWidth = bits, ActivationBitWidth = bits, CollectStatisticsSteps = 3 });

    static DatasetSplits Data()
    {
        (byte[] pixels, byte[] labels) = Bars(80);
        var images = new ImagesInMemory(pixels, labels);
        return new(new("bars", 1, 8, 8, ["upright", "flat"], [0.5f], [0.5f]), images, images);
    }

    RunOptions Options(string name) => new()
    {
        Training = new() { Epochs = 3, BatchSize = 16 },
        Checkpoint = new() { Dir = folder["runs"], ExperimentName = name },
    };

    /// <summary>Images of one bright bar, upright or flat, on noise.</summary>
    static (byte[] Pixels, byte[] Labels) Bars(int count)
    {
        var chance = new Random(count);
        byte[] pixels = new byte[count * 64], labels = new byte[count];
        chance.NextBytes(pixels);
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)(i % 2);
            int place = chance.Next(8);
            for (int p = 0; p < 64; p++) pixels[i * 64 + p] = (byte)(p / 8 * labels[i] + p % 8 * (1 - labels[i]) == place ? 255 : pixels[i * 64 + p] / 3);
        }
        return (pixels, labels);
    }

    /// <summary>Interrupts a run within an epoch.</summary>
    sealed class Interrupting(CancellationTokenSource interruption, int epoch) : SilentObserver
    {
        public override void Progressed(EpochProgress progress)
        {
            if (progress.Epoch == epoch) interruption.Cancel();
        }
    }
}
