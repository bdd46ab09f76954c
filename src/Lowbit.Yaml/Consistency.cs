using Lowbit.Graphs;
using Lowbit.Models;

namespace Lowbit.Configuration;

/// <summary>What keys of a configuration ask of one another.</summary>
static class Consistency
{
    /// <summary>Reports what does not go together; gives the configuration back with what is turned off.</summary>
    public static RunConfiguration Check(RunConfiguration configuration, YamlSection root, Problems problems)
    {
        YamlValue At(string section, string key) => (root.Find(section)?.Value as YamlSection)?.Find(key)?.Value ?? root.Find(section)?.Value ?? root;
        void KnownName(string section, string key, string name, IEnumerable<string> names)
        {
            string[] all = [.. names];
            if (!all.Contains(name)) problems.Error(At(section, key), $"{section}.{key} is {Printable.Short(name)}, which is not known{Hint(name, all)}");
        }

        KnownName("model", "name", configuration.Model.Name, ModelZoo.Names);
        KnownName("quantization", "weight_quantizer", configuration.Quantization.WeightQuantizer, [QuantizationOptions.Auto, .. QuantizerNames.Weights.Keys]);
        KnownName("quantization", "act_quantizer", configuration.Quantization.ActQuantizer, [QuantizationOptions.Auto, .. QuantizerNames.Activations.Keys]);

        bool quantized = ModelZoo.IsQuantized(configuration.Model.Name);
        if (!quantized && root.Find("quantization") is { Key: var key } && ModelZoo.Names.Contains(configuration.Model.Name))
            problems.Error(key, $"{configuration.Model.Name} is not quantized; name {ModelZoo.QuantizedPrefix}{configuration.Model.Name}, or take the section quantization out");
        if (!problems.Any && TrainingStages.Problem(configuration) is { } wrong) problems.Error(At("quantization", "stages"), wrong);
        int epochs = configuration.Training.Epochs;
        if (configuration.Scheduler.WarmupEpochs is { } warmup && warmup >= epochs)
        {
            problems.Warn(At("scheduler", "warmup_epochs"),
                $"scheduler.warmup_epochs is shortened from {warmup} to {epochs - 1}: at least one of the epochs, of which training.epochs says {epochs}, comes after it");
            configuration = configuration with { Scheduler = configuration.Scheduler with { WarmupEpochs = epochs - 1 } };
        }
        else if (!problems.Any && TrainingStages.Asked(configuration).Count > 0 && TrainingStages.Epochs(configuration).Min() is var shortest && configuration.Scheduler.WarmupEpochs >= shortest)
            problems.Warn(At("scheduler", "warmup_epochs"), $"scheduler.warmup_epochs is {configuration.Scheduler.WarmupEpochs}; a stage of {shortest} epochs has a warm-up of {shortest - 1}, so that at least one comes after it");
        foreach (var (name, weights) in new[] { ("weight", configuration.Loss.Weight), ("pos_weight", configuration.Loss.PosWeight) })
            if (weights is not null && configuration.Model.NumClasses is { } classes && weights.Count != classes)
                problems.Error(At("loss", name), $"loss.{name} has {weights.Count} numbers; it must have one for each of the {classes} classes");

        if (!configuration.Amp.Enabled || !quantized) return configuration;
        problems.Warn(At("amp", "enabled"), "amp is turned off: quantized networks train in full precision");
        return configuration with { Amp = new() { Enabled = false } };
    }

    static string Hint(string name, string[] names) =>
        NearestName.Of(name, names) is { } nearest ? $"; did you mean {nearest}?" : $"; there are {string.Join(", ", names)}";
}
