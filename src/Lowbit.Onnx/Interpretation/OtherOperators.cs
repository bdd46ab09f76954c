namespace Lowbit.Export.Interpretation;

/// <summary>Operators of the standard that the interpreter does not know: their names are no typos of those that it knows.</summary>
static class OtherOperators
{
    public static readonly HashSet<string> Names =
    [
        "Acos", "Acosh", "AffineGrid", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "Attention", "Bernoulli", "BitCast", "BitShift", "BitwiseAnd",
        "BitwiseNot", "BitwiseOr", "BitwiseXor", "BlackmanWindow", "CastLike", "Celu", "CenterCropPad", "Col2Im", "Compress", "ConcatFromSequence", "ConvInteger",
        "ConvTranspose", "Cos", "Cosh", "CumProd", "CumSum", "DFT", "DeformConv", "DepthToSpace", "Det", "DynamicQuantizeLinear", "Einsum", "Elu", "Erf", "EyeLike", "GRU",
        "GatherElements", "GatherND", "Gelu", "GlobalLpPool", "GridSample", "GroupNormalization", "HammingWindow", "HannWindow", "Hardmax", "If", "ImageDecoder",
        "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LSTM", "LayerNormalization", "Loop", "LpNormalization", "LpPool", "MatMulInteger", "MaxRoiPool", "MaxUnpool",
        "Mean", "MeanVarianceNormalization", "MelWeightMatrix", "Mish", "Mod", "Multinomial", "NegativeLogLikelihoodLoss", "NonMaxSuppression", "NonZero", "Not", "OneHot",
        "Optional", "OptionalGetElement", "OptionalHasElement", "Or", "QLinearConv", "QLinearMatMul", "RMSNormalization", "RNN", "RandomNormal", "RandomNormalLike",
        "RandomUniform", "RandomUniformLike", "Range", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMin", "ReduceProd", "ReduceSumSquare",
        "RegexFullMatch", "Resize", "ReverseSequence", "RoiAlign", "RotaryEmbedding", "STFT", "Scan", "Scatter", "ScatterElements", "ScatterND", "Selu", "SequenceAt",
        "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SequenceMap", "Shrink", "Sin", "Sinh", "SoftmaxCrossEntropyLoss",
        "Softsign", "SpaceToDepth", "SplitToSequence", "StringConcat", "StringNormalizer", "StringSplit", "Swish", "Tan", "TensorScatter", "TfIdfVectorizer", "ThresholdedRelu",
        "Tile", "TopK", "Trilu", "Unique", "Upsample", "Xor",
    ];
}
