using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Quantization.Weights;

/// <summary>
/// s = 0.1 / high,  q = clamp(round(w / s), low, high),  y = s q.
/// dy/dw = 1 everywhere; at 1 bit s, as Brevitas has it.
/// Brevitas: SignedBinaryWeightPerTensorConst, SignedTernaryWeightPerTensorConst.
/// </summary>
sealed class Constant : WeightFormula
{
    public override string Name => "constant";

    public override IReadOnlyList<(string, bool)> BrevitasNames => [("SignedBinaryWeightPerTensorConst", false), ("SignedTernaryWeightPerTensorConst", false)];

    public override bool IsConstant => true;

    public override QuantizedTensor Quantize(Tensor w, WeightQuantizer quantizer, IReadOnlyList<Tensor> parameters)
    {
        Tensor scale = tensor(0.1 / quantizer.Range.High, float64);
        return quantizer.Range.IsBinary
            ? new(StraightThrough.Sign(w) * scale, scale, null, quantizer.BitWidth)
            : Rounded(w, scale, quantizer);
    }
}
