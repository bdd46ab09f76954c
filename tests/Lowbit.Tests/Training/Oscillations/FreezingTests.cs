using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Lowbit.Training.Oscillations;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training.Oscillations;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class FreezingTests : IDisposable
{
    const string Layer = "conv2";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Weights_that_oscillate_keep_their_mean_integer_as_the_formula_has_it(int bits)
    {
        const int steps = 60;
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var network = new Network(TinyRun.Network(bits, scale: WeightScale.Learned));
        using var freezing = new Freezing(new OscillationOptions { FreezeThreshold = 0.2, FreezeThresholdStart = 0.6, FreezeMomentum = 0.15 });
        using var _ = no_grad();
        freezing.Begin(network);
        IntegerRange range = new WeightQuantizer(bits, WeightScale.Learned).Range;
        var weight = network.Parameters.Single(entry => entry.Name == $"{Layer}.weight").Parameter;
        var threshold = network.Parameters.Single(entry => entry.Name == $"{Layer}.weight_quantizer.threshold").Parameter;
        Reference[] expected = [.. Values(weight).Zip(Scales(), (w, s) => new Reference(w, Integer(w, s)))];
        var chance = new Random(1);
        for (int step = 1; step <= steps; step++)
        {
            freezing.BeginStep((double)step / steps);
            if (step == 40) threshold.mul_(CachedScalar.Of(1.6));   // so that frozen weights must move to keep their integers
            double scale = Scales()[0];
            weight.add_(tensor([.. Enumerable.Range(0, (int)weight.numel()).Select(i => (float)((chance.NextDouble() - 0.5) * scale))], weight.shape), alpha: CachedScalar.Of(1));
            double[] moved = Values(weight), scales = Scales();

            freezing.AfterStep();

            double most = 0.2 + 0.4 * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            for (int i = 0; i < moved.Length; i++) expected[i].Step(moved[i], scales[i], most, 0.15, Integer, range.IsBinary);
        }

        Dictionary<string, Tensor> state = freezing.State.ToDictionary(entry => entry.Name.Split('.')[^1], entry => entry.Tensor);
        Assert.Equal(expected.Select(weight => weight.IsFrozen), state["frozen"].contiguous().data<bool>().ToArray());
        Assert.InRange(expected.Count(weight => weight.IsFrozen), expected.Length / 20, expected.Length * 19 / 20);
        Assert.Equal((expected.Count(weight => weight.IsFrozen), expected.Length), freezing.Count);
        Close.Assert(tensor([.. expected.Select(weight => weight.Frequency)]), state["frequency"].contiguous(), 1e-5, "the frequency");
        Close.Assert(tensor([.. expected.Select(weight => weight.Mean)]), state["mean"].contiguous(), 1e-5, "the mean integer, or where a weight is held");
        Close.Assert(tensor([.. expected.Select(weight => weight.Value)]), weight.contiguous(), 1e-5, "the weights");
        Assert.Equal(expected.Select(weight => (double)weight.Integer), Values(network.WeightsOf(Layer).Steps));

        double[] Scales() => Values(network.WeightsOf(Layer).Scale!.expand(weight.shape));
        int Integer(double w, double s) => range.IsBinary ? (w >= 0 ? 1 : -1) : (int)Math.Clamp(Math.Round(w / s), range.Low, range.High);
    }

    [Theory]
    [InlineData("max_abs", 2)]
    [InlineData("gaussian", 1)]
    [InlineData("gaussian", 2)]
    [InlineData("gaussian", 4)]
    [InlineData("decoupled", 2)]
    public void Frozen_weights_keep_their_integers_where_the_scale_follows_from_the_weights(string name, int bits)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var network = new Network(TinyRun.Network(bits, scale: WeightScale.All.Single(known => known.Name == name)));
        using var freezing = new Freezing(new OscillationOptions { FreezeThreshold = 1e-6, FreezeMomentum = 0.1 });
        using var _ = no_grad();
        freezing.Begin(network);
        freezing.BeginStep(1);
        var weight = network.Parameters.Single(entry => entry.Name == $"{Layer}.weight").Parameter;
        Tensor start = weight.clone();
        for (int step = 0; step < 50; step++)
        {
            weight.copy_(step % 2 == 0 ? -start : start);   // all of them oscillate but those that are rounded to 0
            freezing.AfterStep();
        }
        double size = weight.norm().item<float>();
        Tensor frozen = Of("frozen").clone();
        double[] before = Frozen();
        var (count, all) = freezing.Count;
        for (int step = 0; step < 100; step++)
        {
            weight.add_(start * randn_like(weight), alpha: CachedScalar.Of(1));
            freezing.AfterStep();
        }

        Assert.InRange(count, all / 10, all);
        Assert.Equal(before, Frozen());
        if (count == all) Assert.Equal(size, weight.norm().item<float>());

        Tensor Of(string part) => freezing.State.Single(entry => entry.Name == $"oscillation/{Layer}.{part}").Tensor;

        double[] Frozen()
        {
            double[] kept = Values(Of("integers").masked_select(frozen));
            Assert.Equal(kept, Values(network.WeightsOf(Layer).Steps.masked_select(frozen)));
            return kept;
        }
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_run_continues_to_bit_identical_weights_and_says_how_many_are_frozen()
    {
        var notices = new Notices();
        RunFolder whole = TinyRun.Train(Options("whole"), observer: notices), parts = TinyRun.TrainInParts(Options("parts"));

        RunFiles.AssertSame(whole, parts);
        Assert.Contains(notices.All, notice => notice.EndsWith("are frozen because they oscillated", StringComparison.Ordinal) && !notice.StartsWith("0 of", StringComparison.Ordinal));
        Assert.NotEqual(StateOfRun.Network(TinyRun.Train(TinyRun.Options(folder.Path, "without"))), StateOfRun.Network(whole));
    }

    [Fact]
    public void What_is_missing_in_a_checkpoint_or_of_another_shape_is_one_sentence()
    {
        RunOptions options = Options("run");
        RunFolder run = TinyRun.Train(options with { Training = options.Training with { Epochs = 1 } });

        Assert.Contains("does not hold oscillation/conv2.mean", Refused(tensors => tensors.Remove("training/oscillation/conv2.mean")), StringComparison.Ordinal);
        Assert.Contains("oscillation/conv2.frozen has another type or shape", Refused(tensors => tensors["training/oscillation/conv2.frozen"] = ones(1)), StringComparison.Ordinal);

        string Refused(Action<Dictionary<string, Tensor>> change)
        {
            string changed = SmallRun.Changed(run.Latest, change);
            return Assert.ThrowsAny<LowbitException>(() => TinyRun.Train(options with { Checkpoint = options.Checkpoint with { Resume = changed } })).Message;
        }
    }

    [Fact]
    public void A_network_without_few_bits_has_nothing_to_freeze_and_is_told_so()
    {
        var notices = new Notices();
        RunFolder with = TinyRun.Train(Options("with"), TinyRun.Network(8), notices), without = TinyRun.Train(TinyRun.Options(folder.Path, "without"), TinyRun.Network(8));

        Assert.Contains(notices.All, notice => notice.StartsWith("The section oscillation has no effect", StringComparison.Ordinal));
        Assert.Equal(StateOfRun.Network(without), StateOfRun.Network(with));
    }

    RunOptions Options(string name) => TinyRun.Options(folder.Path, name) with { Oscillation = new() { FreezeThreshold = 0.02, FreezeMomentum = 0.1, Dampening = 0.01 } };

    static double[] Values(Tensor tensor) => tensor.detach().to(float64).contiguous().data<double>().ToArray();

    /// <summary>One weight, step by step.</summary>
    sealed class Reference(double value, int integer)
    {
        int direction;

        public double Value { get; private set; } = value;

        public int Integer { get; private set; } = integer;

        public double Frequency { get; private set; }

        public double Mean { get; private set; } = integer;

        public bool IsFrozen { get; private set; }

        public void Step(double moved, double scale, double threshold, double momentum, Func<double, double, int> integerOf, bool isBinary)
        {
            if (IsFrozen)
            {
                if (integerOf(Value, scale) != Integer) Mean = Value = Integer * scale;
                Frequency -= momentum * Frequency;
                return;
            }
            Value = moved;
            int now = integerOf(moved, scale), change = Math.Sign(now - Integer);
            bool oscillates = change != 0 && change == -direction;
            Frequency = momentum * (oscillates ? 1 : 0) + (1 - momentum) * Frequency;
            Mean = momentum * now + (1 - momentum) * Mean;
            if (change != 0) direction = change;
            Integer = now;
            if (Frequency <= threshold) return;
            IsFrozen = true;
            Integer = isBinary ? (Mean >= 0 ? 1 : -1) : (int)Math.Round(Mean);
            Mean = Value = Integer * scale;
        }
    }
}
