using Lowbit.Graphs;
using Lowbit.Quantization.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Quantizes the weights of one layer, and holds what its quantizer learns beside them. The formulas are those of the quantizer's
/// <see cref="WeightFormula"/>.
/// </summary>
public sealed class WeightQuantization : nn.Module<Tensor, QuantizedTensor>
{
    readonly WeightFormula formula;

    /// <summary>A quantizer whose parameters start from given weights.</summary>
    /// <param name="quantizer">What it computes.</param>
    /// <param name="w">Weights [output channels, ...].</param>
    /// <exception cref="GraphException">The quantizer declares what it is but has no formula.</exception>
    public WeightQuantization(WeightQuantizer quantizer, Tensor w) : base(nameof(WeightQuantization))
    {
        Quantizer = quantizer;
        formula = quantizer.Scale as WeightFormula
            ?? throw new GraphException($"The quantizer {quantizer.Scale.Name} has no formula; it is one if it derives from {nameof(WeightFormula)}");
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, value) in quantizer.Scale.Parameters.Zip(formula.InitialParameters(Normalized(w), quantizer)))
        {
            var learned = new Parameter(value.clone());
            learned.DetachFromDisposeScope();
            register_parameter(parameter.Name, learned);
        }
    }

    /// <summary>What it computes.</summary>
    public WeightQuantizer Quantizer { get; }

    /// <summary>Whether weights are quantized by fast kernels where there are some, rather than by plain torch operations.</summary>
    public bool UseKernels { get; set; } = true;

    /// <summary>Whether others compute with the scale, so that a gradient comes to it from there, too.</summary>
    public bool IsScaleRead { get; init; }

    /// <summary>Starts the parameters anew, from the weights that the layer has now.</summary>
    public void StartFrom(Tensor w)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, value) in Learned.Zip(formula.InitialParameters(Normalized(w), Quantizer))) parameter.copy_(value);
    }

    /// <summary>The weights that are rounded: those of the layer or, where the quantizer says so, the same with mean 0 and variance 1.</summary>
    public Tensor Normalized(Tensor w)
    {
        long[] dimensions = [.. Enumerable.Range(0, (int)w.dim()).Select(dimension => (long)dimension).Skip(Quantizer.Normalization == WeightNormalization.Channel ? 1 : 0)];
        if (Quantizer.Normalization == WeightNormalization.None || dimensions.All(dimension => w.shape[dimension] == 1)) return w;   // one weight has no variance
        Tensor centred = w - w.mean(dimensions, keepdim: true);
        return centred / (centred * centred).mean(dimensions, keepdim: true).add(CachedScalar.Of(1e-10), alpha: CachedScalar.Of(1)).sqrt();
    }

    /// <summary>Quantizes weights [output channels, ...], float32 or float64.</summary>
    /// <returns>The dequantized weights; their scale, of shape [] per tensor or [output channels, 1, ...] per channel; their zero point.</returns>
    public override QuantizedTensor forward(Tensor w)
    {
        Tensor[] learned = Learned;
        w = Normalized(w);
        return (UseKernels ? formula.QuantizeFast(w, Quantizer, learned, IsScaleRead) : null) ?? formula.Quantize(w, Quantizer, learned);
    }

    /// <summary>The distance of two weights that are rounded to neighbouring integers.</summary>
    internal Tensor StepOf(Tensor w, QuantizedTensor quantized) => formula.Step(w, Quantizer, quantized);

    Tensor[] Learned => [.. Quantizer.Scale.Parameters.Select(parameter => get_parameter(parameter.Name)!)];
}
