namespace Lowbit.Graphs;

/// <summary>The names by which a configuration chooses quantizers: plain ones, and those that Brevitas has for the same formulas.</summary>
public static class QuantizerNames
{
    /// <summary>Where the scale of weights comes from; a Brevitas name also says whether every channel has its own.</summary>
    public static IReadOnlyDictionary<string, (WeightScale Scale, bool? PerChannel)> Weights { get; } = WeightScale.All
        .Select(scale => (scale.Name, (scale, (bool?)null)))
        .Concat(WeightScale.All.SelectMany(scale => scale.BrevitasNames.Select(name => (name.Name, (scale, (bool?)name.PerChannel)))))
        .ToDictionary();

    /// <summary>Where the scale of activations comes from. Whether they are signed follows from the network: not after a ReLU.</summary>
    public static IReadOnlyDictionary<string, ActivationScale> Activations { get; } = ActivationScale.All.Where(scale => !scale.IsForImagesOnly)
        .Select(scale => (scale.Name, scale))
        .Concat(ActivationScale.All.SelectMany(scale => scale.BrevitasNames.Select(name => (name, scale))))
        .ToDictionary();
}
