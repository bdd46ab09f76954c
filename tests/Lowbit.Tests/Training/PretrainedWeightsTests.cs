using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public sealed class PretrainedWeightsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void A_quantized_network_keeps_the_accuracy_of_the_float_one_that_it_starts_from()
    {
        RunConfiguration configuration = Float("cnv", epochs: 2, limit: 800);
        RunResult trained = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        double accuracy = trained.Position.Best!.Value;

        Assert.InRange(accuracy, 0.8, 1);
        Assert.InRange(StartedFrom(trained, configuration, bits: 8), accuracy - 0.02, 1);
        Assert.InRange(StartedFrom(trained, configuration, bits: 4), accuracy - 0.1, 1);
    }

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void A_residual_one_whose_branches_are_rectified_keeps_most_of_it()
    {
        RunConfiguration configuration = Float("resnet20", epochs: 6, imageSize: 16);
        RunResult trained = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        double accuracy = trained.Position.Best!.Value;

        Assert.InRange(accuracy, 0.9, 1);
        Assert.InRange(StartedFrom(trained, configuration, bits: 8), accuracy - 0.1, 1);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_residual_one_whose_branches_are_signed_loses_at_most_one_point()
    {
        RunConfiguration configuration = Float("resnet20", epochs: 3, imageSize: 16);
        RunResult trained = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        double accuracy = trained.Position.Best!.Value;

        Assert.InRange(accuracy, 0.8, 1);
        Assert.InRange(StartedFrom(trained, configuration, bits: 8, ResidualForm.Signed), accuracy - 0.01, 1);   // statistics estimated anew may gain more than that
    }

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void A_residual_one_whose_branches_are_signed_keeps_it_within_three_tenths_of_a_point_on_real_images()
    {
        string? images = Environment.GetEnvironmentVariable("LOWBIT_CIFAR10");
        Assert.SkipWhen(images is null, "LOWBIT_CIFAR10 names no folder with cifar-10-batches-bin");
        RunConfiguration configuration = Float("resnet20", epochs: 3) with
        {
            Dataset = new() { Name = "cifar10", Root = images },
            Training = new() { BatchSize = 128, Epochs = 3 },
            Optimizer = new() { LearningRate = 0.1 },
        };
        RunResult trained = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);
        double accuracy = trained.Position.Best!.Value, signed = StartedFrom(trained, configuration, bits: 8, ResidualForm.Signed);
        TestContext.Current.TestOutputHelper?.WriteLine($"float {accuracy:P2}, 8 bits and signed branches {signed:P2}");

        Assert.InRange(accuracy, 0.5, 1);
        Assert.InRange(signed, accuracy - 0.003, accuracy + 0.003);
    }

    /// <summary>The accuracy on test images of a quantized network that starts from a float run, without any training.</summary>
    static double StartedFrom(RunResult trained, RunConfiguration configuration, int bits, ResidualForm residual = ResidualForm.Relu)
    {
        configuration = configuration with
        {
            Model = new() { Name = $"quant_{configuration.Model.Name}" },
            Quantization = new() { WeightBitWidth = bits, ActBitWidth = bits, Residual = residual },
        };
        DatasetSplits data = Datasets.Open(ConfiguredModel.ImagesFor(configuration));
        using var network = new Network(ConfiguredModel.Build(configuration, data.Info));
        PretrainedWeights.Load(network, trained.Folder!.Best, data, configuration, new SilentObserver());
        return Evaluation.Of(network, data.EvaluationLoader(data.Test, 64).Epoch(0), Losses.Create(configuration.Loss)).Score.Top1;
    }

    RunConfiguration Float(string model, int epochs, int? limit = null, int? imageSize = null) => new()
    {
        Dataset = new() { Name = "digits", Limit = limit, ImageSize = imageSize },
        Model = new() { Name = model },
        Training = new() { BatchSize = 16, Epochs = epochs },
        Optimizer = new() { LearningRate = 0.02 },
        Checkpoint = new() { Dir = folder },
    };
}
