using Lowbit.Cli.Display;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public class RunEndTests
{
    static readonly RunFolder Folder = new("./experiments/digits/one");

    [Fact]
    public void A_run_ends_with_the_accuracy_of_its_last_epoch_and_says_what_chose_the_best() => Assert.Equal(
        [
            "All 3 epochs are trained",
            "Last epoch: 97.00 % on the test images",
            "Best accuracy 98.00 % in epoch 2, chosen by the test images",
            "The run is in ./experiments/digits/one",
        ], RunEnd.Of(Run(validation: false), new()));

    [Fact]
    public void With_validation_images_both_are_said() => Assert.Equal(
        [
            "All 3 epochs are trained",
            "Last epoch: 97.00 % on the test images, 96.00 % on the validation images",
            "Best accuracy 98.00 % in epoch 2, chosen by the validation images",
            "The run is in ./experiments/digits/one",
        ], RunEnd.Of(Run(validation: true), new()));

    [Fact]
    public void The_reason_is_said()
    {
        Assert.StartsWith("All 3 epochs that training.max_minutes allows are trained", RunEnd.Of(Run(false), new() { MaxMinutes = 1 }).First());
        Assert.StartsWith("Training ended early, after epoch 3", RunEnd.Of(Run(false) with { StoppedEarly = true }, new()).First());
        Assert.Equal(["Interrupted; continue with: lowbit train --resume ./experiments/digits/one"], RunEnd.Of(Run(false) with { Interrupted = true }, new()));
    }

    static RunResult Run(bool validation) =>
        new(Folder, [new(3, 0.1, new(1, 0.9, null), validation ? new(1, 0.96, null) : null, new(1, 0.97, null), 1, 1, 1, 1)], new(3, 0, 0.98, 2), Interrupted: false);
}
