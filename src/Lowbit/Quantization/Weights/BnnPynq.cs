using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = 1 / high,  q = clamp(round(w / s), low, high),  y = s q; stored weights stay within -1..1.
/// dy/dw = 1 everywhere.
/// Brevitas: BnnPynqCommonWeight.
/// </summary>
sealed class BnnPynq : WeightFormula
{
    public override string Name => "bnn_pynq";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("BnnPynqCommonWeight", false)];

    public override bool IsConstant => true;

    public override double? StoredWithin => 1;

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters) =>
        Rounded(w, tensor(1.0 / quantizer.Range.High, float64), quantizer);
}
