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
        Assert.Equal((ScalarType.Float64, ScalarType.Int64), (Number.Of(7.0).Type, Number.Of(7).Type));
    }

    /// <summary>With numbers that TorchSharp converts, some of these divisions fail or divide by something else: about five in a second.</summary>
    [Fact]
    public void Operations_read_their_numbers_while_another_thread_collects_garbage()
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var collector = new Thread(() =>
        {
            while (!end.IsCancellationRequested) GC.Collect(0);
        });
        collector.Start();
        using Tensor one = ones(1);
        while (!end.IsCancellationRequested)
        {
            for (int divisor = 1; divisor <= 1024; divisor *= 2)
            {
                using Tensor quotient = one / Number.Of(divisor);
                Assert.Equal(1f / divisor, quotient.item<float>());
            }
        }
        collector.Join();
    }
}
