using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>How gradients change the weights.</summary>
public sealed record OptimizerOptions
{
    readonly double? learningRate;

    /// <summary>Which optimizer.</summary>
    public OptimizerKind Name { get; init; } = OptimizerKind.Sgd;

    /// <summary>The highest learning rate, from which the scheduler starts; by default 0.1 for sgd and 0.001 for adam and adamw.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true), MayChangeOnResume(ChangesTraining = true)]
    public double LearningRate { get => learningRate ?? (Name == OptimizerKind.Sgd ? 0.1 : 0.001); init => learningRate = value; }

    /// <summary>How much of the last step goes into the next.</summary>
    [OnlyFor(OptimizerKind.Sgd), Range(0.0, 1.0, MaximumIsExclusive = true)] public double Momentum { get; init; } = 0.9;

    /// <summary>Whether Nesterov momentum is used. Sutskever et al. 2013.</summary>
    [OnlyFor(OptimizerKind.Sgd)] public bool Nesterov { get; init; } = true;

    /// <summary>The weight decay (L2) coefficient.</summary>
    [Range(0.0, 1000.0)] public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The largest norm of the gradient of all parameters together: a larger one is scaled down to it. 0 for any; by default 5. Pascanu et al. 2013.</summary>
    [Range(0.0, 1e9)] public double? ClipNorm { get; init; }

    /// <summary>
    /// The largest norm of the gradient of the weights of a layer, but for the last, to the norm of the weights, before clip_norm is applied. 0 for any; by default 0.5 for sgd: the first
    /// steps turn the first layers too far otherwise; and any for adam and adamw, whose steps do not go by the size of gradients. Brock et al. 2021, "High-Performance Large-Scale Image Recognition Without Normalization".
    /// </summary>
    [Range(0.0, 1e9)] public double? ClipRatio { get; init; }

    /// <summary>
    /// The largest norm of the gradient of the last layer, before clip_norm is applied. 0 for any; by default 0.5 for sgd: many or large features give the last layer
    /// gradients that overshoot at high rates, as in VGG and in deep ResNets; and any for adam and adamw.
    /// </summary>
    [Range(0.0, 1e9)] public double? LastLayerClipNorm { get; init; }

    /// <summary>Whether weight decay also draws the factors and offsets of batch norms. He et al. 2019, "Bag of Tricks for Image Classification with Convolutional Neural Networks", section 3.1, leaves them and biases out.</summary>
    public bool DecayNorms { get; init; } = true;

    /// <summary>Whether weight decay also draws the biases of convolutions and linear layers.</summary>
    public bool DecayBiases { get; init; } = true;

    /// <summary>Whether weight decay also draws the learned scales of quantizers.</summary>
    public bool DecayScales { get; init; }

    /// <summary>What the learning rate is multiplied by for the learned scales of quantizers.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)] public double ScaleRateFactor { get; init; } = 1;

    /// <summary>Decay rates of the running means of the gradient and of its square.</summary>
    [OnlyFor(OptimizerKind.Adam, OptimizerKind.Adamw), Length(2, 2), Range(0.0, 1.0, MaximumIsExclusive = true)]
    public IReadOnlyList<double> Betas { get; init; } = [0.9, 0.999];

    /// <summary>Added to the denominator for numerical stability.</summary>
    [OnlyFor(OptimizerKind.Adam, OptimizerKind.Adamw), Range(1e-30, 1.0)]
    public double Eps { get; init; } = 1e-8;
}

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam, with weight decay as part of the gradient. Kingma and Ba 2014.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay. Loshchilov and Hutter 2017.</summary>
    Adamw,
}
