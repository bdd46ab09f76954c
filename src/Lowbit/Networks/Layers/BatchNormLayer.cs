using Lowbit.Quantization;
using Lowbit.Quantization.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lowbit.Networks.Layers;

/// <summary>Batch normalization by channel, or of the whole tensor as one channel.</summary>
sealed class BatchNormLayer : nn.Module
{
    readonly double epsilon;
    readonly bool wholeTensor;
    readonly Parameter weight;
    readonly Parameter bias;
    readonly Tensor running_mean;
    readonly Tensor running_var;

    public BatchNormLayer(Graphs.Nodes.BatchNorm node, int channels) : this(channels, node.Epsilon, node.Momentum, node.InitialWeight)
    {
    }

    public BatchNormLayer(Graphs.Nodes.TensorNorm node) : this(1, node.Epsilon, node.Momentum) => wholeTensor = true;

    BatchNormLayer(int channels, double epsilon, double momentum, double initialWeight = 1) : base(nameof(BatchNormLayer))
    {
        (this.epsilon, Momentum) = (epsilon, momentum);
        (weight, bias) = (new Parameter(full(channels, CachedScalar.Of(initialWeight))), new Parameter(zeros(channels)));
        (running_mean, running_var) = (zeros(channels), ones(channels));
        RegisterComponents();
    }

    /// <summary>What a kernel that runs the layer together with others needs of it.</summary>
    public NormParameters Parameters => new(weight, bias, running_mean, running_var, Momentum, epsilon);

    /// <summary>How much a training batch counts in the running statistics.</summary>
    public double Momentum { get; set; }

    /// <summary>Runs the layer on [N, C, H, W] or [N, features].</summary>
    public QuantizedTensor Forward(ReadOnlySpan<QuantizedTensor> inputs)
    {
        Tensor x = inputs[0].Value;
        return new(wholeTensor ? Normalize(x.reshape(1, 1, -1)).reshape(x.shape) : Normalize(x));
    }

    Tensor Normalize(Tensor x) => nn.functional.batch_norm(x, running_mean, running_var, weight, bias, training, Momentum, epsilon);
}
