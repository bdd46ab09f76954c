using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>What trainings do about numbers that are none: none arise from batches of one, and those that arise are told where.</summary>
public sealed class NumbersOfTrainingTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_dataset_of_one_image_more_than_a_batch_trains_a_network_whose_maps_are_one_pixel()
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path, "quant_cnv");
        RunResult result = TrainingRun.Run(
            configuration with { Dataset = configuration.Dataset with { Limit = 33, ImageSize = null } }, new SilentObserver(), CancellationToken.None);

        Assert.True(double.IsFinite(result.Epochs[0].Test!.Loss));
    }

    [Theory]
    [InlineData("quant_cnv", null, 1, null, "training.batch_size is 1")]
    [InlineData("quant_cnv", null, 32, 1, "dataset.limit")]
    [InlineData("resnet20", 4, 1, null, "training.batch_size is 1")]
    public void Batches_of_one_image_are_refused_where_a_batch_norm_would_see_one_value(string model, int? imageSize, int batchSize, int? limit, string key)
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path, model);
        var problem = Assert.Throws<ConfigurationException>(() => TrainingRun.Run(
            configuration with
            {
                Dataset = configuration.Dataset with { ImageSize = imageSize, Limit = limit },
                Training = configuration.Training with { BatchSize = batchSize },
            },
            new SilentObserver(), CancellationToken.None));

        Assert.Contains(key, Assert.Single(problem.Errors));
        Assert.Contains("at least 2", problem.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Batches_of_one_image_train_a_network_whose_maps_are_larger()
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path);
        RunResult result = TrainingRun.Run(
            configuration with { Dataset = configuration.Dataset with { Limit = 3 }, Training = new() { BatchSize = 1, Epochs = 1 }, Optimizer = new() { LearningRate = 0.001 } },
            new SilentObserver(), CancellationToken.None);

        Assert.True(double.IsFinite(result.Epochs[0].Test!.Loss));
    }

    [Theory]
    [InlineData("resnet20")]
    [InlineData("quant_resnet20")]
    public void A_training_that_diverges_names_the_first_node_without_numbers_and_what_stands_there(string model)
    {
        RunConfiguration configuration = SmallRun.Configuration(folder.Path, model) with { Optimizer = new() { LearningRate = 1e20 } };
        string message = Assert.Throws<LowbitException>(() => TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None)).Message;

        Assert.Matches(@"^The loss is no longer a number at batch \d: .*first in the network, the value of \S+ \([a-z ]+\) is (NaN|-?Infinity) at \[.*\], (because|from inputs)", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void The_last_good_checkpoint_stays_when_a_training_diverges()
    {
        string checkpoint = SmallRun.Checkpoint(folder.Path);
        byte[] before = File.ReadAllBytes(checkpoint);
        RunConfiguration configuration = SmallRun.Configuration(folder.Path);
        Assert.Throws<LowbitException>(() => TrainingRun.Run(
            configuration with
            {
                Training = configuration.Training with { Epochs = 3 },
                Optimizer = configuration.Optimizer with { LearningRate = 1e20 },
                Checkpoint = configuration.Checkpoint with { Resume = checkpoint },
            },
            new SilentObserver(), CancellationToken.None));

        Assert.Equal(before, File.ReadAllBytes(checkpoint));
    }

    [Fact]
    public void Thresholds_that_an_optimizer_takes_through_zero_are_turned_around()
    {
        using var scope = NewDisposeScope();
        using var network = new Network(new GraphBuilder(new(1, 4, 4)).Quantize(new ActivationQuantizer(4)).Flatten().Linear(3).ToGraph());
        var threshold = network.Parameters.First(entry => network.IsQuantizerParameter(entry.Name)).Parameter;
        using (no_grad()) threshold.fill_(CachedScalar.Of(-0.25));
        network.AfterStep();
        Assert.Equal(0.25f, threshold.item<float>());
    }
}
