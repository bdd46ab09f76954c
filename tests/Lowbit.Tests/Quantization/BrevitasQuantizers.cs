using Lowbit.Graphs;

namespace Lowbit.Tests.Quantization;

/// <summary>The quantizers that the reference vectors name.</summary>
static class BrevitasQuantizers
{
    public static WeightQuantizer Weight(string name, int bits)
    {
        var (scale, perChannel) = QuantizerNames.Weights[name];
        return new(bits, scale, perChannel!.Value);
    }

    public static ActivationQuantizer Activation(string name, int bits, bool signed, int collectStatisticsSteps) =>
        new(bits, signed, QuantizerNames.Activations[name], CollectStatisticsSteps: collectStatisticsSteps);
}
