using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Lowbit.Quantization;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Lowbit.Networks.Layers;

/// <summary>A convolution or a linear layer with its weights, quantized where the node says so.</summary>
sealed class WeightedLayer : nn.Module
{
    /// <summary>
    /// The size of initial weights in front of a batch norm, to He's. A step turns weights the farther the smaller they are (its gradient goes with 1 / size), so that few
    /// steps reach far, which weights of few bits need, and depthwise separable convolutions most; docs/benchmarks.md has what it brings.
    /// </summary>
    static double NormalizedSize(Conv node) => node.Groups > 1 || node.Kernel == 1 ? 0.25 : 0.5;

    readonly IWeighted node;
    readonly Func<Tensor, Tensor, Tensor?, Tensor> run;
    readonly Parameter weight;
    readonly Parameter? bias;
    readonly WeightQuantization? weight_quantizer;

    /// <summary>
    /// A convolution, its weight [channels, input channels / groups, kernel, kernel] laid out channels last, as libtorch's fast kernels want it.
    /// Initial weights: normal, variance 2 / fan-out. He et al. 2015, "Delving Deep into Rectifiers", section 2.2. In front of a batch norm, which takes their size
    /// out again, <see cref="NormalizedSize(Conv)"/> times as large.
    /// </summary>
    /// <param name="node">The convolution.</param>
    /// <param name="input">The shape of its input.</param>
    /// <param name="isNormalized">Whether a batch norm alone takes its values.</param>
    public WeightedLayer(Conv node, Shape input, bool isNormalized) : base(nameof(WeightedLayer))
    {
        this.node = node;
        run = PointwiseConvolution.Takes(node)
            ? (x, w, b) => PointwiseConvolution.Run(x, w, b, node.Stride)
            : PaddedConvolution.Takes(node) ? (x, w, b) => PaddedConvolution.Run(node, x, w, b)
            : (x, w, b) => DepthwiseConvolution.Takes(node, w)
                ? DepthwiseConvolution.Run(node, x, w, b)
                : nn.functional.conv2d(x, w, b, strides: [node.Stride, node.Stride], padding: [node.Padding, node.Padding], groups: node.Groups);
        using Tensor channelsLast = empty(node.Channels, node.Kernel, node.Kernel, input.Channels / node.Groups);
        double fanOut = (double)node.Channels / node.Groups * node.Kernel * node.Kernel;
        nn.init.normal_(channelsLast, 0, Math.Sqrt(2 / fanOut) * (isNormalized ? NormalizedSize(node) : 1));
        weight = new Parameter(channelsLast.permute(0, 3, 1, 2));
        bias = node.Bias ? new Parameter(zeros(node.Channels)) : null;
        weight_quantizer = CreateQuantizer();
        RegisterComponents();
    }

    /// <summary>A linear layer, its weight [channels, features]. Initial weights and biases: uniform within 1 / sqrt(features), as PyTorch has it.</summary>
    public WeightedLayer(Linear node, Shape input) : base(nameof(WeightedLayer))
    {
        this.node = node;
        run = (x, w, b) => nn.functional.linear(x, w, b);
        double bound = 1 / Math.Sqrt(input.Channels);
        weight = new Parameter(nn.init.uniform_(empty(node.Channels, input.Channels), -bound, bound));
        bias = node.Bias ? new Parameter(nn.init.uniform_(empty(node.Channels), -bound, bound)) : null;
        weight_quantizer = CreateQuantizer();
        RegisterComponents();
    }

    /// <summary>
    /// The quantizer of the initial weights. Where the scale is constant, smaller weights would all be rounded to 0 from 2 bits on: uniform over the range they are
    /// kept in, as FINN's first networks had it.
    /// </summary>
    WeightQuantization? CreateQuantizer()
    {
        if (node.WeightQuantizer is not { } quantizer) return null;
        if (quantizer.Scale.StoredWithin is { } bound) nn.init.uniform_(weight, -bound, bound);
        return new(quantizer, weight) { IsScaleRead = bias is not null && node.BiasBitWidth is not null };
    }

    /// <summary>Whether it computes in bfloat16; only without quantizers.</summary>
    public bool UseBfloat16 { get; set; }

    /// <summary>Whether weights are quantized by fast kernels where there are some, rather than by plain torch operations.</summary>
    public bool UseKernels
    {
        set
        {
            if (weight_quantizer is not null) weight_quantizer.UseKernels = value;
        }
    }

    /// <summary>The weights as the layer uses them.</summary>
    public QuantizedTensor Weights => weight_quantizer?.forward(weight) ?? new(weight);

    /// <summary>The weights as they are trained.</summary>
    public Parameter Weight => weight;

    /// <summary>The integers that the weights take; only of a layer that is quantized.</summary>
    public IntegerRange WeightRange => node.WeightQuantizer!.Range;

    /// <summary>The distance of two weights that are rounded to neighbouring integers; only of a layer that is quantized.</summary>
    /// <param name="quantized">What <see cref="Weights"/> has given.</param>
    public Tensor StepOf(QuantizedTensor quantized) => weight_quantizer!.StepOf(weight, quantized);

    /// <summary>The weights that the quantizer rounds; where there is none, as <see cref="Weights"/>.</summary>
    public Tensor WeightsToRound => weight_quantizer?.Normalized(weight) ?? weight;

    /// <summary>Whether one of the layer's own names for its parameters is that of a quantizer's.</summary>
    public static bool IsQuantizerParameter(string name) => name.StartsWith(QuantizerParameter(""), StringComparison.Ordinal);

    /// <summary>What a layer calls a parameter of its weights' quantizer.</summary>
    public static string QuantizerParameter(string name) => $"{nameof(weight_quantizer)}.{name}";

    /// <summary>Starts what the quantizer of the weights learns anew, from the weights that the layer has now.</summary>
    public void StartQuantizer() => weight_quantizer?.StartFrom(weight);

    /// <summary>The bias as the layer uses it for an input of the given scale; null where it has none.</summary>
    /// <exception cref="GraphException">The bias is to be quantized, and the input has no scale or one for each channel.</exception>
    public Tensor? Bias(Tensor? inputScale, Tensor? weightScale)
    {
        if (bias is null || node.BiasBitWidth is not { } bits) return bias;
        if (inputScale is null || weightScale is null || inputScale.numel() != 1)
            throw new GraphException($"{node.Name}: a bias of {bits} bits needs quantized weights and a quantized input of one scale");
        return BiasQuantization.Quantize(bias, inputScale, weightScale, bits).Value;
    }

    /// <summary>Runs the layer on [N, C, H, W] or [N, features].</summary>
    public QuantizedTensor Forward(ReadOnlySpan<QuantizedTensor> inputs)
    {
        QuantizedTensor x = inputs[0], w = Weights;
        Tensor? b = Bias(x.Scale, w.Scale);
        return new(UseBfloat16
            ? run(x.Value.to(bfloat16), w.Value.to(bfloat16), b?.to(bfloat16)).to(x.Value.dtype)
            : run(x.Value, w.Value, b));
    }

    /// <summary>Brings the stored weights back to where their quantizer wants them, after an optimizer has moved them.</summary>
    public void AfterStep()
    {
        if (node.WeightQuantizer?.Scale.StoredWithin is not { } bound) return;
        using var _ = no_grad();
        weight.clamp_(CachedScalar.Of(-bound), CachedScalar.Of(bound));
    }
}
