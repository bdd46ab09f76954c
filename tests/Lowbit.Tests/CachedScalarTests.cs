using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests;

public sealed class CachedScalarTests
{
    [Fact]
    public void A_number_is_made_once()
    {
        Assert.Same(CachedScalar.Of(0.375), CachedScalar.Of(0.375));
        Assert.Same(CachedScalar.Of(7), CachedScalar.Of(7L));
    }

    [Fact]
    public void An_integer_keeps_its_type() =>
        Assert.Equal((ScalarType.Float64, ScalarType.Int64), (CachedScalar.Of(7.0).Type, CachedScalar.Of(7).Type));
}
