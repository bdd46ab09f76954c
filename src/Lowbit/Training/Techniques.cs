using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training.Oscillations;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>All that a run does in its steps beside loss and optimizer, as far as its options ask for it.</summary>
sealed class Techniques : IDisposable
{
    readonly List<ITrainingTechnique> all = [];
    readonly List<string> notices = [];
    readonly WeightAverage? average;
    readonly Freezing? freezing;

    /// <param name="options">What the run is asked for.</param>
    /// <param name="graph">Its network.</param>
    /// <param name="data">Its images.</param>
    /// <exception cref="LowbitException">The teacher cannot be read, or does not fit.</exception>
    public Techniques(RunOptions options, Graph graph, DatasetInfo data)
    {
        if (Distillation.Of(options.Distillation, graph, data) is { } distillation)
        {
            all.Add(distillation);
            notices.Add(distillation.Notice);
        }
        bool oscillates = OscillatingLayers.Of(graph).Any();
        if (!oscillates && (options.Oscillation.Dampening > 0 || options.Oscillation.FreezeThreshold > 0))
            notices.Add("The section oscillation has no effect: no layer of this network has weights of 4 bits or fewer without weight_normalization");
        if (oscillates && options.Oscillation.Dampening > 0) all.Add(new Dampening(options.Oscillation));
        if (oscillates && options.Oscillation.FreezeThreshold > 0) all.Add(freezing = new(options.Oscillation));
        if (options.Training.EmaDecay > 0) all.Add(average = new(options.Training.EmaDecay));
    }

    /// <summary>Bytes of memory that they take beside a network's own, without those of a teacher.</summary>
    public static long Bytes(Graph graph, RunOptions options) => MemoryNeed.OfWeights(graph) / sizeof(float)
        * ((options.Training.EmaDecay > 0 ? sizeof(float) : 0) + (options.Oscillation.FreezeThreshold > 0 ? Freezing.BytesPerWeight : 0));

    /// <summary>What a user should know of them before training.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <summary>What a user should know of them after training; null for nothing.</summary>
    public string? Result => freezing?.Count is var (frozen, of)
        ? string.Create(CultureInfo.InvariantCulture, $"{frozen:N0} of {of:N0} weights ({100.0 * frozen / of:0.0} %) are frozen because they oscillated") : null;

    /// <summary>Takes the network that trains, as it is when the run begins.</summary>
    public void Begin(Network network) => all.ForEach(technique => technique.Begin(network));

    /// <summary>The network to evaluate and keep, of the one that trains: that of the averages, where there are some.</summary>
    public Network Evaluated(Network network) => average?.Network ?? network;

    /// <inheritdoc cref="ITrainingTechnique.BeginStep"/>
    public void BeginStep(double progress) => all.ForEach(technique => technique.BeginStep(progress));

    /// <inheritdoc cref="ITrainingTechnique.LossOf"/>
    public Tensor LossOf(Tensor loss, Tensor images, Tensor logits) => all.Aggregate(loss, (value, technique) => technique.LossOf(value, images, logits));

    /// <inheritdoc cref="ITrainingTechnique.AfterStep"/>
    public void AfterStep() => all.ForEach(technique => technique.AfterStep());

    /// <inheritdoc cref="ITrainingTechnique.State"/>
    public IEnumerable<(string Name, Tensor Tensor)> State => all.SelectMany(technique => technique.State);

    /// <inheritdoc cref="ITrainingTechnique.Load"/>
    public void Load(IReadOnlyDictionary<string, Tensor> state, string source) => all.ForEach(technique => technique.Load(state, source));

    /// <inheritdoc/>
    public void Dispose() => all.ForEach(technique => technique.Dispose());
}
