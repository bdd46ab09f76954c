namespace Lowbit.Graphs;

/// <summary>The names by which a configuration chooses quantizers: plain ones, and those that Brevitas has for the same formulas.</summary>
public static class QuantizerNames
{
    /// <summary>Where the scale of weights comes from; a Brevitas name also says whether every channel has its own.</summary>
    public static IReadOnlyDictionary<string, (WeightScale Scale, bool? PerChannel)> Weights { get; } = new Dictionary<string, (WeightScale, bool?)>
    {
        ["max_abs"] = (WeightScale.MaxAbs, null),
        ["power_of_two"] = (WeightScale.PowerOfTwo, null),
        ["mean_abs"] = (WeightScale.MeanAbs, null),
        ["constant"] = (WeightScale.Constant, null),
        ["bnn_pynq"] = (WeightScale.BnnPynq, null),
        ["shifted"] = (WeightScale.Shifted, null),
        ["Int8WeightPerTensorFloat"] = (WeightScale.MaxAbs, false),
        ["Int8WeightPerChannelFloat"] = (WeightScale.MaxAbs, true),
        ["Int8WeightPerTensorFixedPoint"] = (WeightScale.PowerOfTwo, false),
        ["Int8WeightPerChannelFixedPoint"] = (WeightScale.PowerOfTwo, true),
        ["SignedBinaryWeightPerTensorConst"] = (WeightScale.Constant, false),
        ["SignedTernaryWeightPerTensorConst"] = (WeightScale.Constant, false),
        ["BnnPynqCommonWeight"] = (WeightScale.BnnPynq, false),
        ["ShiftedUint8WeightPerTensorFloat"] = (WeightScale.Shifted, false),
        ["ShiftedUint8WeightPerChannelFloat"] = (WeightScale.Shifted, true),
    };

    /// <summary>Where the scale of activations comes from. Whether they are signed follows from the network: not behind a ReLU.</summary>
    public static IReadOnlyDictionary<string, ActivationScale> Activations { get; } = new Dictionary<string, ActivationScale>
    {
        ["learned"] = ActivationScale.Learned,
        ["learned_log"] = ActivationScale.LearnedLog,
        ["power_of_two"] = ActivationScale.PowerOfTwo,
        ["learned_from_one"] = ActivationScale.LearnedFromOne,
        ["constant"] = ActivationScale.Constant,
        ["shifted"] = ActivationScale.Shifted,
        ["Uint8ActPerTensorFloat"] = ActivationScale.Learned,
        ["Int8ActPerTensorFloat"] = ActivationScale.Learned,
        ["Uint8ActPerTensorFixedPoint"] = ActivationScale.PowerOfTwo,
        ["Int8ActPerTensorFixedPoint"] = ActivationScale.PowerOfTwo,
        ["Int8ActPerTensorFloatMinMaxInit"] = ActivationScale.LearnedFromOne,
        ["ShiftedUint8ActPerTensorFloat"] = ActivationScale.Shifted,
        ["SignedBinaryActPerTensorConst"] = ActivationScale.Constant,
        ["SignedTernaryActPerTensorConst"] = ActivationScale.Constant,
        ["BnnPynqCommonAct"] = ActivationScale.Constant,
        ["BnnPynqCommonActReLU"] = ActivationScale.LearnedLog,
    };
}
