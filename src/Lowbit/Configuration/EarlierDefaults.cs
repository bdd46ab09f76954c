using Lowbit.Graphs;

namespace Lowbit.Configuration;

/// <summary>
/// What keys that are left open meant in Lowbit 0.1 and in options of version 1: Brevitas's quantizers and residual blocks, a rate that changes with epochs,
/// gradients of any norm. Imports from Brevitas have the same.
/// </summary>
static class EarlierDefaults
{
    /// <summary>The same options with a value for each key that later versions decide by the bit width.</summary>
    public static RunOptions Fill(RunOptions options)
    {
        options = options with
        {
            Scheduler = options.Scheduler with { Interval = options.Scheduler.Interval ?? SchedulerInterval.Epoch, WarmupEpochs = options.Scheduler.WarmupEpochs ?? 0 },
            Optimizer = options.Optimizer with
            {
                ClipNorm = options.Optimizer.ClipNorm ?? 0,
                ClipRatio = options.Optimizer.ClipRatio ?? 0,
                LastLayerClipNorm = options.Optimizer.LastLayerClipNorm ?? 0,
            },
        };
        return options is RunConfiguration configuration ? configuration with { Quantization = Fill(configuration.Quantization) } : options;
    }

    static QuantizationOptions Fill(QuantizationOptions options) => options with
    {
        WeightQuantizer = options.WeightQuantizer == QuantizationOptions.Auto ? "max_abs" : options.WeightQuantizer,
        ActQuantizer = options.ActQuantizer == QuantizationOptions.Auto ? "learned" : options.ActQuantizer,
        CollectStatsSteps = options.CollectStatsSteps ?? 300,
        Residual = options.Residual ?? ResidualForm.Relu,
        ResidualBitWidth = options.ResidualBitWidth ?? QuantizationOptions.AsActivations,
        OutPerChannel = options.OutPerChannel ?? true,
        Stages = options.Stages ?? [],
        MaxAbsIsMeanAbsAtOneBit = true,
    };
}
