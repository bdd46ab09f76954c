using TorchSharp;

namespace Lowbit.Tests;

/// <summary>Comparison of tensors, relative to the largest magnitude that is expected.</summary>
static class Close
{
    /// <summary>Fails when any element differs by more than <paramref name="tolerance"/> times the largest expected magnitude.</summary>
    public static void Assert(torch.Tensor expected, torch.Tensor actual, double tolerance, string what)
    {
        double difference = Difference(expected, actual);
        Xunit.Assert.True(difference <= tolerance, $"{what} differs by {difference:g3} of its largest, more than {tolerance:g3}");
    }

    public static double Difference(torch.Tensor expected, torch.Tensor actual)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor e = expected.detach().to(torch.float64).reshape(-1), a = actual.detach().to(torch.float64).reshape(-1);
        Xunit.Assert.Equal(e.numel(), a.numel());
        double largest = Math.Max(e.abs().max().item<double>(), 1e-12);
        return (e - a).abs().max().item<double>() / largest;
    }
}
