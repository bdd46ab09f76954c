using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests;

public sealed class NumberTests
{
    [Fact]
    public void A_number_is_made_once()
    {
        Assert.Same(Number.Of(0.375), Number.Of(0.375));
        Assert.Same(Number.Of(7), Number.Of(7L));
    }

    [Fact]
    public void An_integer_keeps_its_type() =>
        Assert.Equal((ScalarType.Float64, ScalarType.Int64), (Number.Of(7.0).Type, Number.Of(7).Type));
}
