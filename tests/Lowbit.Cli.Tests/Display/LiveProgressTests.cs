using Lowbit.Cli.Display;
using Lowbit.Cli.Tests.Terminals;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public sealed class LiveProgressTests : IDisposable
{
    static readonly Graph Network = ModelZoo.Build(new("quant_resnet20", new Shape(3, 32, 32), 10));

    readonly StringWriter terminal = new();
    int width = 80;

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void Finished_epochs_are_rows_and_below_them_stands_how_far_the_run_is()
    {
        LiveProgress live = Start();
        live.EpochFinished(Epoch(1, 0.5), isBest: true);
        live.EpochFinished(Epoch(2, 0.25), isBest: false);
        live.Progressed(new(3, 8, 6, 24, new(0.5, 0.75, 1), 1234, TimeSpan.FromSeconds(3)));

        Assert.Equal(
            """

                               train               test
            epoch      rate     loss     top-1     loss     top-1  images/s     time
                1       0.1   1.2346   12.35 %   0.5000   50.00 %     2,000     0:09  best
                2       0.1   1.2346   12.35 %   0.5000   25.00 %     2,000     0:09
            epoch 3/8  ━━━━━━━────────────────────  6/24 batches  0:03 left  1,234 images/s
            loss 0.5000  top-1 75.00 %  run: about 0:49 left  best 50.00 % (epoch 1)

            """, "\n" + string.Join('\n', Screen().Lines.SkipWhile(line => line.Length > 0).Skip(1)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    [InlineData(20)]
    [InlineData(5)]
    public void Nothing_wraps_on_a_terminal_of_any_width(int columns)
    {
        width = columns;
        foreach (int validation in new[] { 0, 100 })
        {
            LiveProgress live = Start(validation);
            live.Downloading(new("cifar-10-binary.tar.gz", 5 << 20, 170 << 20));
            live.EpochFinished(Epoch(100_000, 1), isBest: true);
            live.Progressed(new(100_001, 200_000, 1_000, 2_000, new(0.5, 1, 1), 123_456, TimeSpan.FromHours(3)));
        }
        Assert.All(Rows(), row => Assert.InRange(row.Length, 0, Math.Max(columns, 11)));   // the number of the epoch and the mark are never left out
        if (columns >= 11) Assert.Equal(0, Screen().Wrapped);

        IEnumerable<string> Rows() => Screen().Lines.Where(line => line.Contains("100000", StringComparison.Ordinal) || line.Contains("epoch ", StringComparison.Ordinal));
    }

    [Fact]
    public void At_80_columns_a_run_with_validation_images_shows_both_accuracies_and_the_rate()
    {
        LiveProgress live = Start(validation: 100);
        live.EpochFinished(Epoch(1, 0.5) with { Validation = new(0.4, 0.6, null) }, isBest: true);

        string text = Screen().ToString();
        Assert.Contains("rate", text);
        Assert.Matches("60.00 % +50.00 %", text);
    }

    [Fact]
    public void A_note_ends_its_lines_between_words_and_leaves_long_ones_whole()
    {
        width = 30;
        LiveProgress live = Start();
        live.Notice("216 tensors start from /experiments/cifar10/a_run_with_a_long_name/best.safetensors");

        Assert.EndsWith("216 tensors start from\n/experiments/cifar10/a_run_with_a_long_name/best.safetensors\n", terminal.ToString());
    }

    [Fact]
    public void A_resumed_run_shows_its_last_epochs_and_the_best_of_them_marked()
    {
        EpochResult[] earlier = [.. Enumerable.Range(1, 12).Select(epoch => Epoch(epoch, epoch == 7 ? 0.9 : 0.5))];
        LiveProgress live = Start(earlier: earlier, position: new(12, 3, 0.9, 7));
        live.Progressed(new(13, 20, 4, 24, new(0.5, 0.75, 1), 1234, TimeSpan.FromSeconds(3)));

        string[] lines = [.. Screen().Lines];
        Assert.Contains("continues after epoch 12 and 3 batches", lines);
        Assert.Contains("2 earlier epochs are in metrics.csv", lines);
        Assert.Equal(["7"], lines.Where(line => line.EndsWith("best", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0]));
        Assert.Contains(lines, line => line.EndsWith("best 90.00 % (epoch 7)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_later_stage_shows_only_its_own_epochs_and_its_own_time()
    {
        LiveProgress live = Start();
        live.EpochFinished(Epoch(1, 0.5), isBest: true);
        live.Started(StartOf(0, [Epoch(1, 0.5)], new(1, 0, null, 0) { EarlierEpochs = 1 }) with { Stage = "stage 2 of 2 (2 bits)" });
        live.Progressed(new(2, 2, 4, 24, new(0.5, 0.75, 1), 1234, TimeSpan.FromSeconds(3)));

        Assert.Single(Screen().Lines, line => line.EndsWith("best", StringComparison.Ordinal));
        Assert.Contains("stage: about ", Screen().ToString());
    }

    [Fact]
    public void At_the_end_only_what_stays_true_is_left()
    {
        LiveProgress live = Start();
        live.EpochFinished(Epoch(1, 0.5), isBest: true);
        live.Progressed(new(2, 8, 24, 24, new(0.5, 0.75, 1), 1234, TimeSpan.Zero));
        Assert.Contains("evaluating", Screen().ToString());
        live.End();

        Assert.EndsWith("best\n", Screen().ToString());
        Assert.Equal(0, Screen().CursorColumn);
        Assert.DoesNotContain("\e[?25l", terminal.ToString());
    }

    [Fact]
    public void Colours_are_left_out_where_they_are_not_wanted()
    {
        Start(colours: false).EpochFinished(Epoch(1, 0.5), isBest: true);

        Assert.DoesNotMatch(@"\e\[\d*m", terminal.ToString());
    }

    Screen Screen() => Terminals.Screen.Of(terminal.ToString(), width);

    LiveProgress Start(int validation = 0, EpochResult[]? earlier = null, RunPosition? position = null, bool colours = true)
    {
        var live = new LiveProgress(terminal, () => width, colours);
        live.Started(StartOf(validation, earlier ?? [], position ?? RunPosition.Start));
        return live;
    }

    static RunStart StartOf(int validation, EpochResult[] earlier, RunPosition position) =>
        new(null, Network, "quant_resnet20", new DatasetInfo("cifar10", 3, 32, 32, [], [], []), 50_000, validation, 10_000, "cpu", position) { Options = new(), Earlier = earlier };

    static EpochResult Epoch(int epoch, double accuracy) =>
        new(epoch, 0.1, new(1.23456, 0.12345, null), null, new(0.5, accuracy, null), TrainingSeconds: 8, Seconds: 9, ImagesPerSecond: 2_000, MemoryMegabytes: 100);
}
