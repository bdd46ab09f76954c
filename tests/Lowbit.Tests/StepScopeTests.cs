using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests;

[Collection(nameof(Data.AloneCollection))]   // a collection that another test causes would move its number to the next generation
public sealed class StepScopeTests
{
    [Fact]
    public void The_numbers_and_the_tensors_of_a_step_are_gone_when_it_ends()
    {
        var steps = Enumerable.Range(0, 5).Select(_ => Step()).ToArray();
        Assert.Contains(steps, step => !step.Number.IsAlive);   // a collection within a step, which the runtime may cause at any time, keeps its number longer
        Assert.All(steps, step => Assert.True(step.Sum.IsInvalid));
    }

    /// <summary>In a method of its own, so that no local variable keeps the number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static (WeakReference Number, Tensor Sum) Step()
    {
        using var step = new StepScope();
        return Add(1.5.ToScalar());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static (WeakReference Number, Tensor Sum) Add(Scalar number) => (new(number), ones(3).mul(number));
}
