namespace Lowbit.Networks;

/// <summary>What a learned parameter is for.</summary>
public enum ParameterKind
{
    /// <summary>Weights of a convolution or linear layer.</summary>
    Weight,

    /// <summary>The bias of a convolution or linear layer.</summary>
    Bias,

    /// <summary>The factors and offsets of a normalization.</summary>
    Norm,

    /// <summary>The scale or the threshold of a quantizer.</summary>
    Scale,
}
