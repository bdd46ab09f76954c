using Lowbit.Graphs;
using Lowbit.Quantization;
using Lowbit.Quantization.Weights;
using static TorchSharp.torch;

namespace Lowbit.Tests.Quantization;

/// <summary>
/// s = |v| rms(w) / high with v learned from 3 on,  q = clamp(round(w / s), low, high),  y = s q.
/// Inside the range dy/dw = 1 and dy/ds = q - w / s, outside dy/dw = 0 and dy/ds = q; the gradient of s goes to v and to all weights.
/// </summary>
sealed class RootMeanSquare : WeightFormula
{
    public override string Name => "root_mean_square";

    public override IReadOnlyList<QuantizerParameter> Parameters => [new("factor")];

    public override IReadOnlyList<Tensor> InitialParameters(Tensor w, WeightQuantizer quantizer) => [full_like(Size(w, quantizer), CachedScalar.Of(3))];

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        RoundedAndClipped(w, (parameters[0].abs() * Size(w, quantizer)).div(CachedScalar.Of(quantizer.Range.High)), quantizer);

    static Tensor Size(Tensor w, WeightQuantizer quantizer) =>
        WeightStatistics.MeanAbs(w * w, quantizer.PerChannel).sqrt();
}
