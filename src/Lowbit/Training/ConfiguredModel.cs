using System.Collections.Immutable;
using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Models;

namespace Lowbit.Training;

/// <summary>The network that a configuration describes, for a dataset's images.</summary>
public static class ConfiguredModel
{
    /// <summary>Builds the graph. It takes raw pixels, 0 to 255, and normalizes them itself.</summary>
    /// <exception cref="LowbitException">The model is unknown, cannot take such images, or tells fewer classes apart than the dataset has.</exception>
    public static Graph Build(RunConfiguration configuration, DatasetInfo data)
    {
        ModelOptions model = configuration.Model;
        int classes = model.NumClasses ?? data.Classes.Count;
        if (classes < data.Classes.Count)
            throw new LowbitException($"model.num_classes is {classes}; {data.Name} has {data.Classes.Count} classes, so it must be at least that");
        return ModelZoo.Build(
            new(model.Name, data.Shape, classes)
            {
                Stem = model.Stem,
                Width = model.Width,
                Normalization = configuration.Quantization.Scheme == QuantizationScheme.BnnPynq && ModelZoo.IsQuantized(model.Name)
                    ? Normalization.ToUnitRange
                    : PixelNormalization(data),
            },
            Specification(configuration.Quantization));
    }

    /// <summary>The dataset's options with what the model asks of the images.</summary>
    public static DatasetOptions ImagesFor(RunConfiguration configuration) =>
        configuration.Dataset with { Channels = configuration.Model.InChannels ?? configuration.Dataset.Channels };

    /// <summary>What the quantize pass is to do.</summary>
    public static QuantizationSpec Specification(QuantizationOptions options)
    {
        (WeightScale? weightScale, bool? perChannel) = options.WeightQuantizer == QuantizationOptions.Auto ? (null, null) : QuantizerNames.Weights[options.WeightQuantizer];
        return new()
        {
            Scheme = options.Scheme,
            InputBitWidth = options.InBitWidth,
            FirstWeightBitWidth = options.InWeightBitWidth,
            WeightBitWidth = options.WeightBitWidth,
            LastWeightBitWidth = options.OutWeightBitWidth,
            ActivationBitWidth = options.ActBitWidth,
            BiasBitWidth = options.BiasBitWidth,
            WeightScale = weightScale,
            BinaryWeightScale = options.MaxAbsIsMeanAbsAtOneBit && weightScale == WeightScale.MaxAbs ? WeightScale.MeanAbs : null,
            PerChannelWeights = perChannel ?? options.PerChannel,
            WeightNormalization = options.WeightNormalization,
            PerChannelLastWeights = options.OutPerChannel ?? false,
            ActivationScale = options.ActQuantizer == QuantizationOptions.Auto ? ActivationScale.LearnedStep : QuantizerNames.Activations[options.ActQuantizer],
            Residual = options.Residual ?? ResidualForm.Signed,
            ResidualBitWidth = options.ResidualBitWidth == QuantizationOptions.AsActivations ? null : int.Parse(options.ResidualBitWidth ?? "8", CultureInfo.InvariantCulture),
            CollectStatisticsSteps = options.CollectStatsSteps,
            ActivationPercentile = options.ActPercentile,
            Overrides = [.. options.Overrides.Select(layer => new LayerOverride(layer.Layers, layer.WeightBitWidth, layer.ActBitWidth))],
        };
    }

    static Normalization PixelNormalization(DatasetInfo data) => new(Pixels(data.Mean), Pixels(data.Std));

    /// <summary>From units of 255 to pixel values.</summary>
    static ImmutableArray<double> Pixels(IEnumerable<float> fractions) => [.. fractions.Select(fraction => fraction * 255.0)];
}
