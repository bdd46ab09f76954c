using Lowbit.Graphs;

namespace Lowbit.Tests.Quantization;

/// <summary>The quantizers that the reference vectors name.</summary>
static class BrevitasNames
{
    public static WeightQuantizer Weight(string name, int bits) => name switch
    {
        "Int8WeightPerTensorFloat" => new(bits, WeightScale.MaxAbs, PerChannel: false),
        "Int8WeightPerChannelFloat" => new(bits, WeightScale.MaxAbs),
        "Int8WeightPerTensorFixedPoint" => new(bits, WeightScale.PowerOfTwo, PerChannel: false),
        "Int8WeightPerChannelFixedPoint" => new(bits, WeightScale.PowerOfTwo),
        "SignedBinaryWeightPerTensorConst" or "SignedTernaryWeightPerTensorConst" => new(bits, WeightScale.Constant),
        "BnnPynqCommonWeight" => new(bits, WeightScale.BnnPynq),
        "ShiftedUint8WeightPerTensorFloat" => new(bits, WeightScale.Shifted, PerChannel: false),
        "ShiftedUint8WeightPerChannelFloat" => new(bits, WeightScale.Shifted),
        _ => throw new ArgumentException($"Unknown quantizer {name}"),
    };

    public static ActivationQuantizer Activation(string name, int bits, int collect) => name switch
    {
        "Uint8ActPerTensorFloat" => new(bits, Signed: false, ActivationScale.Learned, CollectStatisticsSteps: collect),
        "Int8ActPerTensorFloat" => new(bits, Signed: true, ActivationScale.Learned, CollectStatisticsSteps: collect),
        "Uint8ActPerTensorFixedPoint" => new(bits, Signed: false, ActivationScale.PowerOfTwo, CollectStatisticsSteps: collect),
        "Int8ActPerTensorFixedPoint" => new(bits, Signed: true, ActivationScale.PowerOfTwo, CollectStatisticsSteps: collect),
        "BnnPynqCommonActReLU" => new(bits, Signed: false, ActivationScale.LearnedLog, CollectStatisticsSteps: collect),
        "ShiftedUint8ActPerTensorFloat" => new(bits, Signed: false, ActivationScale.Shifted, CollectStatisticsSteps: collect),
        "Int8ActPerTensorFloatMinMaxInit" => new(bits, Signed: true, ActivationScale.LearnedFromOne),
        "BnnPynqCommonAct" or "SignedBinaryActPerTensorConst" or "SignedTernaryActPerTensorConst" => new(bits, Signed: true, ActivationScale.Constant),
        _ => throw new ArgumentException($"Unknown quantizer {name}"),
    };
}
