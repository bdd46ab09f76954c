using System.Globalization;
using Lowbit.Graphs;
using Lowbit.Models;

namespace Lowbit.Configuration;

/// <summary>One of the stages of a run.</summary>
/// <param name="Name">What its folder is called after its number: float or 4bit.</param>
/// <param name="Title">What messages call it: float or 4 bits.</param>
/// <param name="Configuration">Its run alone: <c>training.epochs</c> are its own, and there are no stages in it.</param>
sealed record TrainingStage(string Name, string Title, RunConfiguration Configuration);

/// <summary>Makes of a configuration with <c>quantization.stages</c> one for each stage.</summary>
public static class TrainingStages
{
    /// <summary>The largest smallest width of networks that start from float where nothing is said.</summary>
    const int MostBitsFromFloat = 2;

    /// <summary>In shorter runs half of the epochs teach the float network too little.</summary>
    const int FewestEpochsFromFloat = 6;

    /// <summary>The stages that are asked for or, where nothing is said, chosen; none where the network is trained from scratch.</summary>
    public static IReadOnlyList<StageOptions> Asked(RunConfiguration run) => run.Quantization.Stages ?? (StartsFromFloat(run)
        ? [new() { Bits = StageOptions.Float }, new() { Bits = SmallestWidth(run.Quantization).ToString(CultureInfo.InvariantCulture) }]
        : []);

    /// <summary>
    /// Whether a new run that says nothing of stages begins as its float twin: it has few bits, epochs enough, no other start, and a learning rate whose course follows
    /// from the number of epochs.
    /// </summary>
    static bool StartsFromFloat(RunConfiguration run) =>
        ModelZoo.IsQuantized(run.Model.Name) && run.Quantization.Scheme == QuantizationScheme.LearnedScales && SmallestWidth(run.Quantization) <= MostBitsFromFloat
        && run.Training.Epochs >= FewestEpochsFromFloat && run.Checkpoint is { Enabled: true, Resume: null } && run.Model.Pretrained is null
        && run.Scheduler.Name is SchedulerKind.Cosine or SchedulerKind.OneCycle or SchedulerKind.None;

    /// <summary>The stages in their order; none where the network is trained from scratch.</summary>
    /// <exception cref="ConfigurationException">They cannot be stages of this run.</exception>
    internal static IReadOnlyList<TrainingStage> Of(RunConfiguration run)
    {
        if (Problem(run) is { } problem) throw new ConfigurationException([problem]);
        IReadOnlyList<int> epochs = Epochs(run);
        return [.. Asked(run).Select((stage, i) => Of(run, stage, epochs[i], isFirst: i == 0))];
    }

    /// <summary>What is wrong with the stages, in a sentence; null where they are fine.</summary>
    public static string? Problem(RunConfiguration run)
    {
        IReadOnlyList<StageOptions> stages = Asked(run);
        if (stages.Count == 0) return null;
        string written = $"quantization.stages is {ConfigurationWriter.Text(stages)}";
        int smallest = SmallestWidth(run.Quantization), last = stages[^1].BitWidth ?? int.MaxValue, given = stages.Sum(stage => stage.Epochs ?? 0), open = stages.Count(stage => stage.Epochs is null);
        if (!ModelZoo.IsQuantized(run.Model.Name)) return $"{written}; stages are for quantized networks, and {run.Model.Name} is float: name {ModelZoo.QuantizedPrefix}{run.Model.Name}, or leave stages out";
        if (stages.Count == 1) return $"{written}; give at least two stages, such as [float, {smallest}], or none to train from scratch";
        if (stages.Skip(1).Any(stage => stage.BitWidth is null)) return $"{written}; float can only be the first stage";
        if (stages.Zip(stages.Skip(1)).Any(pair => pair.First.BitWidth <= pair.Second.BitWidth)) return $"{written}; each stage must have fewer bits than the one before it";
        if (last > smallest) return $"{written}; the last stage trains the network as configured, whose smallest width is {smallest} bits: end the list with {smallest}";
        if (stages[0].BitWidth is null && run.Quantization.Scheme == QuantizationScheme.BnnPynq)
            return $"{written}; the scheme bnn_pynq has no float twin that computes the same function: begin with 8, or choose the scheme learned";
        if (!run.Checkpoint.Enabled) return $"{written}; each stage starts from the checkpoint of the one before it, so that checkpoint.enabled must be true";
        int epochs = run.Training.Epochs;
        if (open == 0 && given != epochs) return $"{written}; its epochs are {given}, and training.epochs is {epochs}: make them equal, or leave out the epochs of a stage";
        return given + open > epochs ? $"{written}; training.epochs is {epochs}, and these stages need at least {given + open}" : null;
    }

    static TrainingStage Of(RunConfiguration run, StageOptions stage, int epochs, bool isFirst)
    {
        RunConfiguration configuration = run with
        {
            Model = stage.BitWidth is null ? run.Model with { Name = run.Model.Name[ModelZoo.QuantizedPrefix.Length..] } : run.Model,
            Quantization = stage.BitWidth is { } bits ? AtLeast(bits, run.Quantization) : new(),
            Training = run.Training with { Epochs = epochs },
            Optimizer = run.Optimizer with { LearningRate = stage.LearningRate ?? (isFirst ? run.Optimizer.LearningRate : run.Optimizer.LearningRate / 2) },
            Scheduler = run.Scheduler with
            {
                WarmupEpochs = run.Scheduler.WarmupEpochs >= epochs ? epochs - 1 : run.Scheduler.WarmupEpochs,
                TMax = run.Scheduler.TMax < epochs ? run.Scheduler.TMax : null,   // longer ones end with the stage
            },
        };
        return stage.BitWidth is { } width
            ? new($"{width}bit", width == 1 ? "1 bit" : $"{width} bits", configuration)
            : new(StageOptions.Float, StageOptions.Float, configuration);
    }

    /// <summary>The epochs of each stage: what it asks for, or its share of what others leave, of which the earlier ones get the remainder.</summary>
    public static IReadOnlyList<int> Epochs(RunConfiguration run)
    {
        IReadOnlyList<StageOptions> stages = Asked(run);
        int left = run.Training.Epochs - stages.Sum(stage => stage.Epochs ?? 0), open = stages.Count(stage => stage.Epochs is null), shares = 0;
        return [.. stages.Select(stage => stage.Epochs ?? left / open + (shares++ < left % open ? 1 : 0))];
    }

    /// <summary>The options with the stages that are asked for or chosen written out, so that nothing that changes later changes them.</summary>
    internal static RunConfiguration Fixed(RunConfiguration run) => run with { Quantization = run.Quantization with { Stages = Asked(run) } };

    /// <summary>The options of a run that goes on for another number of epochs: its last stage gets the difference.</summary>
    internal static RunConfiguration Continued(RunConfiguration began, RunConfiguration asked)
    {
        int[] epochs = [.. Epochs(began)];
        epochs[^1] += asked.Training.Epochs - began.Training.Epochs;
        return asked with { Quantization = asked.Quantization with { Stages = [.. Asked(began).Select((stage, i) => stage with { Epochs = epochs[i] })] } };
    }

    /// <summary>Widths of the first and last layer's weights, of images and of residual streams are what they are in every stage.</summary>
    static QuantizationOptions AtLeast(int bits, QuantizationOptions options) => options with
    {
        WeightBitWidth = Math.Max(bits, options.WeightBitWidth),
        ActBitWidth = Math.Max(bits, options.ActBitWidth),
        Overrides = [.. options.Overrides.Select(layer => layer with { WeightBitWidth = AtLeast(bits, layer.WeightBitWidth), ActBitWidth = AtLeast(bits, layer.ActBitWidth) })],
        Stages = [],
    };

    static int? AtLeast(int bits, int? width) => width is { } given ? Math.Max(bits, given) : null;

    static int SmallestWidth(QuantizationOptions options) => options.Overrides
        .SelectMany(layer => new[] { layer.WeightBitWidth, layer.ActBitWidth })
        .OfType<int>()
        .Append(options.WeightBitWidth)
        .Append(options.ActBitWidth)
        .Min();
}
