using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training.Oscillations;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training.Oscillations;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public class DampeningTests
{
    const string Layer = "conv2";

    public static TheoryData<string, int, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, double>();
            foreach (string scale in new[] { "max_abs", "gaussian", "learned", "decoupled", "shifted" })
                foreach (int bits in new[] { 1, 2, 4 })
                    if (!(scale == "shifted" && bits == 1)) cases.Add(scale, bits, bits / 4.0);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Loss_and_gradients_are_those_of_the_formula(string name, int bits, double progress)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        WeightScale scale = WeightScale.All.Single(known => known.Name == name);
        using var network = new Network(TinyRun.Network(bits, scale: scale));
        using (no_grad()) network.State.Single(entry => entry.Name == $"{Layer}.weight").Tensor.mul_(CachedScalar.Of(1.7));   // beyond the levels of scales that are learned
        using var dampening = new Dampening(new OscillationOptions { Dampening = 0.3, DampeningStart = 0.1 });
        dampening.Begin(network);
        dampening.BeginStep(progress);

        Tensor loss = dampening.LossOf(tensor(2f, requires_grad: true), zeros(1), zeros(1));
        loss.backward();

        double factor = 0.3 - 0.2 * (1 + Math.Cos(Math.PI * progress)) / 2, expected = 2;
        Tensor weight = network.State.Single(entry => entry.Name == $"{Layer}.weight").Tensor;
        var quantized = network.WeightsOf(Layer);
        IntegerRange range = new WeightQuantizer(bits, scale).Range;
        double[] w = Values(weight), gradient = new double[w.Length], scales = Values(quantized.Scale!.expand(weight.shape)), values = Values(quantized.Value);
        double[] zeroPoints = quantized.ZeroPoint is { } zero ? Values(zero.expand(weight.shape)) : new double[w.Length];
        int perChannel = w.Length / 8;
        for (int i = 0; i < w.Length; i++)
        {
            double step = name == "decoupled" ? w.Skip(i / perChannel * perChannel).Take(perChannel).Max(Math.Abs) / range.High : scales[i];
            double level = Math.Round(values[i] / scales[i]) * step, clipped = Math.Clamp(w[i], (range.Low - zeroPoints[i]) * step, (range.High - zeroPoints[i]) * step);
            expected += factor * (clipped - level) * (clipped - level);
            gradient[i] = w[i] == clipped ? 2 * factor * (w[i] - level) : 0;
        }
        Assert.Equal(expected, loss.item<float>(), 1e-4 * expected);
        Close.Assert(tensor(gradient), network.Parameters.Single(entry => entry.Name == $"{Layer}.weight").Parameter.grad!.contiguous(), 1e-4, "the gradient");
        Assert.All(network.Parameters.Where(entry => entry.Name != $"{Layer}.weight"), entry => Assert.True(entry.Parameter.grad is null, entry.Name));   // 8 bits, scales, norms
    }

    static double[] Values(Tensor tensor) => tensor.detach().to(float64).contiguous().data<double>().ToArray();
}
