using static TorchSharp.torch;

namespace Lowbit.Quantization;

/// <summary>
/// Steps whose gradient passes as if they were not there. Bengio et al. 2013, "Estimating or Propagating Gradients Through Stochastic
/// Neurons for Conditional Computation". Exact in value, unlike the usual x + (f(x) - x).detach().
/// </summary>
public static class StraightThrough
{
    /// <summary>The nearest integer, halves to the even one.</summary>
    public static Tensor Round(Tensor x) => Replace(x, x.detach().round());

    /// <summary>The next integer upwards.</summary>
    public static Tensor Ceil(Tensor x) => Replace(x, x.detach().ceil());

    /// <summary>The next integer downwards.</summary>
    public static Tensor Floor(Tensor x) => Replace(x, x.detach().floor());

    /// <summary>-1 or +1; 0 counts as +1.</summary>
    public static Tensor Sign(Tensor x)
    {
        using Tensor positive = x.detach().ge(CachedScalar.Of(0));
        return Replace(x, positive.to(x.dtype).mul_(CachedScalar.Of(2)).sub_(CachedScalar.Of(1)));
    }

    /// <summary>The nearest value within low..high; the gradient passes outside too.</summary>
    public static Tensor Clamp(Tensor x, double low, double high) => Replace(x, x.detach().clamp(CachedScalar.Of(low), CachedScalar.Of(high)));

    /// <summary>The same value, to which <paramref name="factor"/> times the gradient goes.</summary>
    public static Tensor ScaleGradient(Tensor x, double factor) => GradientFactor.apply(x, factor);

    /// <summary>The value of one tensor with the gradient of another.</summary>
    static Tensor Replace(Tensor gradient, Tensor value) => PassThrough.apply(gradient, value);

    sealed class PassThrough : autograd.SingleTensorFunction<PassThrough>
    {
        public override string Name => nameof(PassThrough);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[1];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, null!];
    }

    sealed class GradientFactor : autograd.SingleTensorFunction<GradientFactor>
    {
        public override string Name => nameof(GradientFactor);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("factor", vars[1]);
            return ((Tensor)vars[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            [grad_output * CachedScalar.Of((double)ctx.get_data("factor")), null!];
    }
}
