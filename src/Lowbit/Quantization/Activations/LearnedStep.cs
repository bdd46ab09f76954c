using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Activations;

/// <summary>
/// s = |t| / D,  q = clamp(round(x / s), low, high),  y = s q; t starts where the squared error of the batches is least, whatever the bit width, then is learned.
/// Inside the range dy/dx = 1 and dy/ds = g (q - x / s), outside dy/dx = 0 and dy/ds = g q, with g = 1 / sqrt(N high), N the values of one image.
/// Esser et al. 2020, "Learned Step Size Quantization", equation 3 and section 2.2.
/// </summary>
class LearnedStep : ThresholdFormula
{
    public override string Name => "learned_step";

    public override ActivationScale ForImages => this;

    public override int DefaultStatisticsSteps => 20;

    public override int StatisticsSteps(ActivationQuantizer quantizer) => quantizer.CollectStatisticsSteps;

    public override Tensor ToThreshold(Tensor parameter) => parameter.abs();

    /// <summary>s moves by g dL/ds, and so t = D s by D^2 g dL/dt.</summary>
    public override double GradientScale(ActivationQuantizer quantizer, long values)
    {
        double divisor = Divisor(quantizer), high = Math.Max(1, quantizer.Range.High);
        return divisor * divisor / Math.Sqrt(values * high);
    }

    public override Tensor Statistic(Tensor x, ActivationQuantizer quantizer) => LeastError.Threshold(x, quantizer, Divisor(quantizer));

    internal override (float Magnitude, long Index) Statistic<T>(T magnitudes, ActivationQuantizer quantizer) =>
        (LeastError.Threshold(magnitudes, quantizer, Divisor(quantizer)), -1);
}
