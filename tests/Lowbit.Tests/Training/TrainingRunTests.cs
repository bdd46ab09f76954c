using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Training;

[Collection(nameof(Data.AloneCollection))]   // it counts the tensors of the process
public sealed class TrainingRunTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Tensors_do_not_outlive_their_step()
    {
        RunConfiguration configuration = Small("quant_resnet20");
        TrainingRun.Run(configuration, new Watcher(), CancellationToken.None);   // what lives as long as the process is there now
        var watcher = new Watcher();
        TrainingRun.Run(configuration with { Training = configuration.Training with { Epochs = 8 } }, watcher, CancellationToken.None);

        Assert.Equal(8, watcher.LiveTensors.Count);
        Assert.All(watcher.LiveTensors.Skip(2), live => Assert.Equal(watcher.LiveTensors[1], live));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void The_same_seed_gives_the_same_scores_whatever_the_number_of_workers()
    {
        RunConfiguration configuration = Small("quant_cnv");
        RunResult one = TrainingRun.Run(WithWorkers(configuration, 0), new Watcher(), CancellationToken.None);
        RunResult other = TrainingRun.Run(WithWorkers(configuration, 3), new Watcher(), CancellationToken.None);

        Assert.Equal(one.Epochs.Select(epoch => (epoch.Train, epoch.Test)), other.Epochs.Select(epoch => (epoch.Train, epoch.Test)));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Bfloat16_trains_float_networks_to_nearly_the_same_loss()
    {
        RunConfiguration configuration = Small("resnet20");
        double full = TrainingRun.Run(configuration, new Watcher(), CancellationToken.None).Epochs[^1].Train.Loss;
        double mixed = TrainingRun.Run(configuration with { Amp = new() { Enabled = true } }, new Watcher(), CancellationToken.None).Epochs[^1].Train.Loss;

        Assert.NotEqual(full, mixed);
        Assert.InRange(mixed, full * 0.9, full * 1.1);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Plain_operations_train_quantized_networks_to_nearly_the_same_loss_as_kernels()
    {
        RunConfiguration configuration = Small("quant_resnet20");
        double kernels = TrainingRun.Run(configuration, new Watcher(), CancellationToken.None).Epochs[^1].Train.Loss;
        double plain = TrainingRun.Run(
            configuration with { Training = configuration.Training with { UseKernels = false } }, new Watcher(), CancellationToken.None).Epochs[^1].Train.Loss;

        Assert.NotEqual(kernels, plain);
        Assert.InRange(plain, kernels * 0.95, kernels * 1.05);
    }

    [Fact]
    public void A_loss_that_is_no_number_any_more_ends_the_run_with_a_sentence()
    {
        RunConfiguration configuration = Small("resnet20") with { Optimizer = new() { LearningRate = 1e20 } };

        var problem = Assert.Throws<LowbitException>(() => TrainingRun.Run(configuration, new Watcher(), CancellationToken.None));
        Assert.Contains("no longer a number", problem.Message);
    }

    [Fact]
    public void Validation_images_decide_which_epoch_is_best_and_the_test_images_wait_for_their_turn()
    {
        RunConfiguration configuration = Small("resnet20");
        RunResult result = TrainingRun.Run(
            configuration with
            {
                Dataset = configuration.Dataset with { ValSplit = 0.2 },
                Training = new() { BatchSize = 64, Epochs = 3, TestFrequency = 2 },
            },
            new Watcher(), CancellationToken.None);

        Assert.All(result.Epochs, epoch => Assert.NotNull(epoch.Validation));
        Assert.Equal([false, true, true], result.Epochs.Select(epoch => epoch.Test is not null));
        Assert.Equal(result.Epochs.Max(epoch => epoch.Validation!.Top1), result.Position.Best);
    }

    RunConfiguration Small(string model) => new()
    {
        Dataset = new() { Name = "digits", Limit = 256, ImageSize = model.EndsWith("cnv", StringComparison.Ordinal) ? null : 16 },
        Model = new() { Name = model },
        Quantization = new() { WeightBitWidth = 4, ActBitWidth = 4, CollectStatsSteps = 3 },
        Training = new() { BatchSize = 64, Epochs = 2 },
        Checkpoint = new() { Dir = folder },
    };

    static RunConfiguration WithWorkers(RunConfiguration configuration, int workers) =>
        configuration with { Dataset = configuration.Dataset with { NumWorkers = workers } };

    sealed class Watcher : ITrainingObserver
    {
        public List<long> LiveTensors { get; } = [];

        public List<string> Notices { get; } = [];

        public void Downloading(DownloadProgress progress)
        {
        }

        public void Started(RunStart start)
        {
        }

        public void Notice(string message) => Notices.Add(message);

        public void Progressed(EpochProgress progress)
        {
        }

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return torch.Tensor.TotalCount;
        }

        public void EpochFinished(EpochResult result, bool isBest) => LiveTensors.Add(Settled());
    }
}
