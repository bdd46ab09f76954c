using Lowbit.Configuration;
using Lowbit.Curves;
using Lowbit.Tests.Data;
using Lowbit.Tests.Training;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Curves;

[Collection(nameof(AloneCollection))]
public sealed class RunCurvesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_learning_curve_is_drawn_into_the_folder_of_the_run()
    {
        RunFolder run = Train(Small(), new LearningCurve());

        using var picture = SkiaSharp.SKBitmap.Decode(run.Curve);
        Assert.Equal((900, 500), (picture.Width, picture.Height));
    }

    [Fact]
    public void A_picture_that_a_kill_kept_from_being_drawn_is_drawn_when_the_run_is_continued()
    {
        RunFolder run = Train(Small(), new LearningCurve());
        File.Delete(run.Curve);

        Train(Resumed(run), new LearningCurve());

        Assert.True(File.Exists(run.Curve));
    }

    [Fact]
    public void A_picture_that_cannot_be_written_ends_the_run_with_a_sentence_and_the_run_can_be_continued()
    {
        var obstacle = new Obstacle();
        var problem = Assert.Throws<LowbitException>(() => Train(Small(), new TrainingObservers(obstacle, new LearningCurve())));
        Assert.EndsWith($"when that is mended, continue with lowbit train --resume {obstacle.Run!.Path}", problem.Message);
        Assert.DoesNotContain('\n', problem.Message);
        Directory.Delete(obstacle.Run.Curve, recursive: true);

        Assert.True(File.Exists(Train(Resumed(obstacle.Run), new LearningCurve()).Curve));
    }

    [Fact]
    public void A_folder_that_is_removed_while_the_run_goes_on_has_its_curves_again()
    {
        RunFolder run = Train(Small() with { Tensorboard = new() { Enabled = true } },
            new TrainingObservers(new AtFirstEpoch(start => Directory.Delete(start.Folder!.Path, recursive: true)), new LearningCurve(), new TensorboardCurves()));

        Assert.True(File.Exists(run.Curve));
        Assert.NotEmpty(Directory.GetFiles(run.Tensorboard));
    }

    [Fact]
    public void TensorBoard_has_a_curve_for_each_score_and_for_each_measure_and_layer()
    {
        Train(Small() with { Tensorboard = new() { Enabled = true, LogDir = folder["curves"] } }, new TensorboardCurves());

        string events = File.ReadAllText(Assert.Single(Directory.GetFiles(folder["curves"])), System.Text.Encoding.Latin1);
        Assert.All(
            ["loss/train", "top1/test", "scale/conv1", "clipped/conv1", "zero/conv1", "dead_channels/relu1.quant", "changed/conv1", "flipped/conv1", "scale/relu1.quant"],
            tag => Assert.Contains(tag, events));
        Assert.DoesNotContain("changed/relu1.quant", events);
    }

    [Fact]
    public void TensorBoard_has_nothing_of_a_run_that_does_not_ask_for_it()
    {
        RunFolder run = Train(Small(), new TensorboardCurves());

        Assert.False(Directory.Exists(run.Tensorboard));
    }

    static RunFolder Train(RunConfiguration configuration, ITrainingObserver observer) => TrainingRun.Run(configuration, observer, CancellationToken.None).Folder!;

    RunConfiguration Small() => SmallRun.Configuration(folder.Path) with { Training = new() { BatchSize = 64, Epochs = 3 } };

    RunConfiguration Resumed(RunFolder run) => Small() with { Checkpoint = Small().Checkpoint with { Resume = run.Path } };

    /// <summary>A folder where the picture should be.</summary>
    sealed class Obstacle : ITrainingObserver
    {
        public RunFolder? Run { get; private set; }

        public void Started(RunStart start)
        {
            Run = start.Folder;
            Directory.CreateDirectory(Path.Combine(start.Folder!.Curve, "full"));
        }
    }

    sealed class AtFirstEpoch(Action<RunStart> act) : ITrainingObserver
    {
        RunStart? run;

        public void Started(RunStart start) => run = start;

        public void EpochFinished(EpochResult result, bool isBest)
        {
            if (result.Epoch == 1) act(run!);
        }
    }
}
