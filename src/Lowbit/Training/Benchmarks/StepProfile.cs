using System.Diagnostics;
using Lowbit.Networks;
using static TorchSharp.torch;

namespace Lowbit.Training.Benchmarks;

/// <summary>
/// Where the time of training steps goes, by kind of node. Backward, a node's time is that from the moment when its value's gradient is there
/// to the moment when the next one's is, so it includes what autograd does between them.
/// </summary>
public sealed class StepProfile
{
    const string Rest = "loss", Update = "optimizer and score";

    readonly Network network;
    readonly Dictionary<string, (double Forward, double Backward)> seconds = [];
    string current = Rest;
    long since;
    bool isBackward;

    internal StepProfile(Network network) => this.network = network;

    /// <summary>Seconds of all measured steps, by kind of node, the slowest first.</summary>
    public IReadOnlyList<(string Kind, double Forward, double Backward)> ByKind =>
        [.. seconds.Select(entry => (entry.Key, entry.Value.Forward, entry.Value.Backward)).OrderByDescending(entry => entry.Forward + entry.Backward)];

    internal void Begin()
    {
        (current, isBackward, since) = (Rest, false, Stopwatch.GetTimestamp());
        network.NodeFinished = (kind, value) =>
        {
            current = kind;
            Charge();
            current = Rest;
            return value.requires_grad ? Mark.apply(value, value.detach(), () => GradientArrived(kind)) : value;
        };
    }

    internal void GradientsFinished()
    {
        Charge();
        (current, isBackward) = (Update, false);
    }

    internal void End()
    {
        Charge();
        network.NodeFinished = null;
    }

    void GradientArrived(string kind)
    {
        Charge();
        (current, isBackward) = (kind, true);
    }

    void Charge()
    {
        long now = Stopwatch.GetTimestamp();
        double elapsed = Stopwatch.GetElapsedTime(since, now).TotalSeconds;
        var (forward, backward) = seconds.GetValueOrDefault(current);
        seconds[current] = isBackward ? (forward, backward + elapsed) : (forward + elapsed, backward);
        since = now;
    }

    /// <summary>The same value; tells when its gradient is there.</summary>
    sealed class Mark : autograd.SingleTensorFunction<Mark>
    {
        public override string Name => nameof(Mark);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("arrived", vars[2]);
            return (Tensor)vars[1];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ((Action)ctx.get_data("arrived"))();
            return [grad_output, null!, null!];
        }
    }
}
