using System.Text.Json.Nodes;
using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

public class LearningRateScheduleTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, GoldenFiles.Json("training")["schedules"]!.AsArray().Count)];

    [Theory, MemberData(nameof(Cases))]
    public void A_schedule_has_the_rates_that_PyTorch_gives_it(int index)
    {
        JsonNode @case = GoldenFiles.Json("training")["schedules"]![index]!;
        double[] expected = Numbers(@case["lr"])!, metric = Numbers(@case["metric"]) ?? [];
        var schedule = LearningRateSchedule.Create(Options(@case), (double)@case["learning_rate"]!, expected.Length);

        Assert.Equal(expected, RatesOf(schedule, expected.Length, metric), Near);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Warm_up_grows_evenly_before_the_schedule_begins(int index)
    {
        JsonNode @case = GoldenFiles.Json("training")["schedules"]![index]!;
        double highest = (double)@case["learning_rate"]!;
        double[] scheduled = Numbers(@case["lr"])!, metric = Numbers(@case["metric"]) ?? [];
        var schedule = LearningRateSchedule.Create(Options(@case) with { WarmupEpochs = 4 }, highest, scheduled.Length + 4);

        double[] expected = [highest / 4, highest / 2, highest * 3 / 4, highest, .. scheduled];
        double[] shifted = metric.Length == 0 ? [] : [0, 0, 0, 0, .. metric];
        Assert.Equal(expected, RatesOf(schedule, expected.Length, shifted), Near);
    }

    [Fact]
    public void By_steps_the_rate_rises_evenly_and_falls_along_the_cosine_to_nearly_nothing()
    {
        var schedule = LearningRateSchedule.Create(new() { WarmupEpochs = 2 }, 0.1, 10);
        Assert.Equal([0.005, 0.01, 0.015, 0.02], Enumerable.Range(0, 4).Select(batch => schedule.RateOf(1, batch, 10)), Near);
        Assert.Equal(0.1, schedule.RateOf(2, 9, 10), 1e-9);
        foreach (var (epoch, batch) in new[] { (3, 0), (5, 7), (10, 9) })
            Assert.Equal(0.05 * (1 + Math.Cos(Math.PI * (epoch - 3 + batch / 10.0) / 8)), schedule.RateOf(epoch, batch, 10), 1e-12);
        Assert.InRange(schedule.RateOf(10, 9, 10), 0, 1e-4);
    }

    [Theory]
    [InlineData(1, 0.25)]
    [InlineData(3, 0.75)]
    [InlineData(8, 1)]
    [InlineData(200, 1)]
    public void Warm_up_takes_an_epoch_but_at_most_a_quarter_of_all_when_nobody_says_how_long(int epochs, double warmup)
    {
        var schedule = LearningRateSchedule.Create(new(), 0.1, epochs);
        int last = (int)Math.Round(warmup * 100) - 1;
        Assert.Equal(0.1, schedule.RateOf(1, last, 100), 1e-9);
        Assert.True(schedule.RateOf(1, last - 1, 100) < 0.1);
    }

    [Fact]
    public void Parts_of_epochs_leave_drops_where_they_are()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.Step, StepSize = 2, WarmupEpochs = 0 }, 1, 4);
        Assert.Equal([1, 1, 0.1, 0.1], Enumerable.Range(1, 4).Select(epoch => schedule.RateOf(epoch, 9, 10)), Near);
    }

    [Fact]
    public void A_schedule_on_a_plateau_goes_on_from_its_state()
    {
        var options = new SchedulerOptions { Name = SchedulerKind.Plateau, Patience = 1, WarmupEpochs = 0 };
        LearningRateSchedule whole = LearningRateSchedule.Create(options, 0.1, 10), first = LearningRateSchedule.Create(options, 0.1, 10);
        double[] losses = [3, 2, 2, 2, 2, 1, 1, 1, 1, 1];
        double[] rates = RatesOf(whole, 10, losses);
        RatesOf(first, 4, losses);

        var second = LearningRateSchedule.Create(options, 0.1, 10);
        second.State = first.State;

        Assert.Equal(rates[4..], RatesOf(second, 6, losses[4..]));
    }

    public static TheoryData<SchedulerOptions> ByStep =>
    [
        new SchedulerOptions { Name = SchedulerKind.Cosine, EtaMin = 0.01 },
        new SchedulerOptions { Name = SchedulerKind.Cosine, TMax = 3 },
        new SchedulerOptions { Name = SchedulerKind.Step, StepSize = 2, Gamma = 0.5 },
        new SchedulerOptions { Name = SchedulerKind.Multistep, Milestones = [1, 4], Gamma = 0.3 },
        new SchedulerOptions { Name = SchedulerKind.Exponential, Gamma = 0.8 },
        new SchedulerOptions { Name = SchedulerKind.OneCycle },
        new SchedulerOptions { Name = SchedulerKind.OneCycle, PctStart = 0.15, DivFactor = 10, FinalDivFactor = 500 },
        new SchedulerOptions { Name = SchedulerKind.OneCycle, PctStart = 1 },
        new SchedulerOptions { Name = SchedulerKind.OneCycle, PctStart = 0 },
        new SchedulerOptions { Name = SchedulerKind.None },
    ];

    /// <summary>TorchSharp's schedulers are PyTorch's; a step is to them what an epoch is in PyTorch's documentation.</summary>
    [Theory, MemberData(nameof(ByStep))]
    public void By_steps_a_schedule_is_PyTorchs_with_steps_for_epochs(SchedulerOptions options)
    {
        const int Epochs = 6, Batches = 7;
        foreach (double warmup in new[] { 0, 2.0 / Batches, 1 })
        {
            var schedule = LearningRateSchedule.Create(options with { Interval = SchedulerInterval.Step, WarmupEpochs = warmup }, 0.1, Epochs);
            int rising = (int)Math.Round(warmup * Batches);
            double[] expected = [.. Enumerable.Range(1, rising).Select(step => 0.1 * step / rising), .. PyTorch(options, 0.1, Epochs * Batches - rising, Batches)];

            double[] actual = [.. from epoch in Enumerable.Range(1, Epochs) from batch in Enumerable.Range(0, Batches) select schedule.RateOf(epoch, batch, Batches)];

            Assert.Equal(expected, actual, (x, y) => Math.Abs(x - y) <= 1e-9 * 0.1);
        }
    }

    [Fact]
    public void One_cycle_by_epochs_is_PyTorchs_too()
    {
        var options = new SchedulerOptions { Name = SchedulerKind.OneCycle, Interval = SchedulerInterval.Epoch };
        Assert.Equal(PyTorch(options, 0.1, 20, 1), RatesOf(LearningRateSchedule.Create(options, 0.1, 20), 20, []), (x, y) => Math.Abs(x - y) <= 1e-10);
    }

    [Fact]
    public void One_cycle_rises_from_a_25th_for_three_tenths_and_falls_to_a_10000th_of_that()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.OneCycle }, 0.2, 2);
        double[] rates = [.. from epoch in Enumerable.Range(1, 2) from batch in Enumerable.Range(0, 50) select schedule.RateOf(epoch, batch, 50)];

        Assert.Equal([0.008, 0.2, 8e-7], [rates[0], rates[29], rates[99]], Near);
        Assert.Equal(8e-7 + (0.2 - 8e-7) * (1 + Math.Cos(Math.PI / 2)) / 2, rates[64], 1e-12);   // half way from 29 to 99
        Assert.Equal(rates[..30].Order(), rates[..30]);
        Assert.Equal(rates[29..].OrderDescending(), rates[29..]);
    }

    [Fact]
    public void The_middle_of_an_epoch_of_one_cycle_is_that_of_many_steps()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.OneCycle }, 0.1, 2);
        foreach (int epoch in new[] { 1, 2 }) Assert.Equal(schedule.RateOf(epoch, 50, 100), schedule.RateOf(epoch), 2e-3);
    }

    [Theory]
    [InlineData(0.3, 10), InlineData(0.7, 10), InlineData(1.1, 30)]
    public void A_drop_is_not_late_where_parts_of_epochs_have_rounding_errors(double warmup, int batches)
    {
        foreach (SchedulerOptions options in new SchedulerOptions[] { new() { Name = SchedulerKind.Step, StepSize = 1 }, new() { Name = SchedulerKind.Multistep, Milestones = [1, 2, 3] } })
        {
            var schedule = LearningRateSchedule.Create(options with { WarmupEpochs = warmup }, 1, 6);
            int rising = (int)Math.Round(warmup * batches);
            double[] rates = [.. from epoch in Enumerable.Range(1, 6) from batch in Enumerable.Range(0, batches) select schedule.RateOf(epoch, batch, batches)];
            for (int drop = 1; drop <= 3; drop++)
                Assert.Equal((Math.Pow(0.1, drop - 1), Math.Pow(0.1, drop)), (rates[rising + drop * batches - 1], rates[rising + drop * batches]));
        }
    }

    [Fact]
    public void By_steps_a_plateau_is_looked_for_after_epochs_and_only_its_warm_up_is_by_steps()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.Plateau, Patience = 0, WarmupEpochs = 1 }, 0.1, 5);
        double[][] rates = [.. Enumerable.Range(1, 5).Select(epoch =>
        {
            double[] steps = [.. Enumerable.Range(0, 4).Select(batch => schedule.RateOf(epoch, batch, 4))];
            schedule.Observe(epoch, loss: 1, accuracy: 0);
            return steps;
        })];

        Assert.Equal([0.025, 0.05, 0.075, 0.1], rates[0], Near);
        foreach (var (epoch, rate) in new[] { (1, 0.1), (2, 0.1), (3, 0.01), (4, 0.001) }) Assert.All(rates[epoch], actual => Assert.Equal(rate, actual, 1e-12));
    }

    /// <summary>The rates of some steps, of which an epoch has <paramref name="batches"/>, by TorchSharp.</summary>
    static double[] PyTorch(SchedulerOptions options, double highest, int steps, int batches)
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.SGD([new TorchSharp.Modules.Parameter(zeros(1))], highest);
        var schedule = options.Name switch
        {
            SchedulerKind.Cosine => optim.lr_scheduler.CosineAnnealingLR(optimizer, options.TMax * batches ?? steps, options.EtaMin),
            SchedulerKind.Step => optim.lr_scheduler.StepLR(optimizer, options.StepSize * batches, options.Gamma),
            SchedulerKind.Multistep => optim.lr_scheduler.MultiStepLR(optimizer, [.. options.Milestones.Select(epoch => epoch * batches)], options.Gamma),
            SchedulerKind.Exponential => optim.lr_scheduler.ExponentialLR(optimizer, Math.Pow(options.Gamma, 1.0 / batches)),
            SchedulerKind.OneCycle => optim.lr_scheduler.OneCycleLR(
                optimizer, highest, steps, pct_start: options.PctStart, cycle_momentum: false, div_factor: options.DivFactor, final_div_factor: options.FinalDivFactor),
            _ => optim.lr_scheduler.LambdaLR(optimizer, _ => 1),
        };
        var rates = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            rates[step] = optimizer.ParamGroups.First().LearningRate;
            optimizer.step();
            schedule.step();
        }
        return rates;
    }

    static double[] RatesOf(LearningRateSchedule schedule, int epochs, double[] metric)
    {
        var rates = new double[epochs];
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            rates[epoch - 1] = schedule.RateOf(epoch);
            if (metric.Length > 0) schedule.Observe(epoch, metric[epoch - 1], metric[epoch - 1]);
        }
        return rates;
    }

    static bool Near(double expected, double actual) => Math.Abs(expected - actual) <= 1e-9 * Math.Abs(expected);

    static SchedulerOptions Options(JsonNode @case)
    {
        var options = new SchedulerOptions { Name = Enum.Parse<SchedulerKind>((string)@case["name"]!, ignoreCase: true) };
        return options with
        {
            Interval = SchedulerInterval.Epoch,
            TMax = (int?)@case["T_max"],
            EtaMin = (double?)@case["eta_min"] ?? options.EtaMin,
            StepSize = (int?)@case["step_size"] ?? options.StepSize,
            Milestones = @case["milestones"]?.AsArray().Select(epoch => (int)epoch!).ToArray() ?? options.Milestones,
            Gamma = (double?)@case["gamma"] ?? options.Gamma,
            Mode = @case["mode"] is { } mode ? Enum.Parse<PlateauMode>((string)mode!, ignoreCase: true) : options.Mode,
            Factor = (double?)@case["factor"] ?? options.Factor,
            Patience = (int?)@case["patience"] ?? options.Patience,
            MinLr = (double?)@case["min_lr"] ?? options.MinLr,
        };
    }

    static double[]? Numbers(JsonNode? list) => list?.AsArray().Select(value => (double)value!).ToArray();
}
