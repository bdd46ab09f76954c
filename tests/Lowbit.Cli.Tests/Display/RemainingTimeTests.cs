using Lowbit.Cli.Display;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public class RemainingTimeTests
{
    readonly RemainingTime remaining = new();

    [Fact]
    public void Within_the_first_epoch_its_batches_tell()
    {
        remaining.Progressed(At(epoch: 1, batch: 5, secondsLeft: 10));   // 2 s a batch, 10 of them, 4 epochs

        Assert.Equal(TimeSpan.FromSeconds(10 + 3 * 20), remaining.OfRun);
    }

    [Fact]
    public void Later_the_finished_epochs_do_their_evaluation_included()
    {
        remaining.EpochFinished(new(1, 0.1, new(1, 1, null), null, null, TrainingSeconds: 20, Seconds: 24, ImagesPerSecond: 1, MemoryMegabytes: 1));
        remaining.Progressed(At(epoch: 2, batch: 5, secondsLeft: 10));

        Assert.Equal(TimeSpan.FromSeconds(10 + 4 + 2 * 24), remaining.OfRun);
    }

    static EpochProgress At(int epoch, int batch, double secondsLeft) => new(epoch, 4, batch, 10, new(1, 1, null), 1, TimeSpan.FromSeconds(secondsLeft));
}
