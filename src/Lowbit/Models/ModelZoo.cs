using Lowbit.Graphs;

namespace Lowbit.Models;

/// <summary>The networks that Lowbit knows by name. Each has a quantized twin, named with <c>quant_</c> before it, made by <see cref="QuantizePass"/>.</summary>
public static class ModelZoo
{
    /// <summary>What stands before the name of a quantized model.</summary>
    public const string QuantizedPrefix = "quant_";

    static readonly Dictionary<string, Func<GraphBuilder, ModelSpec, GraphBuilder>> Models = new()
    {
        ["cnv"] = (x, model) => Cnv.Build(x, model.Classes),
        ["mobilenetv1"] = (x, model) => MobileNetV1.Build(x, model.Classes, model.Stem, model.Width),
        ["mobilenetv2"] = (x, model) => MobileNetV2.Build(x, model.Classes, model.Stem, model.Width),
        ["resnet8"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 1),
        ["resnet20"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 3),
        ["resnet32"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 5),
        ["resnet44"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 7),
        ["resnet56"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 9),
        ["resnet110"] = (x, model) => CifarResNet.Build(x, model.Classes, blocksPerStage: 18),
        ["resnet18"] = (x, model) => ImageNetResNet.Build(x, model.Classes, model.Stem, [2, 2, 2, 2], ResidualBlock.Basic),
        ["resnet34"] = (x, model) => ImageNetResNet.Build(x, model.Classes, model.Stem, [3, 4, 6, 3], ResidualBlock.Basic),
        ["resnet50"] = (x, model) => ImageNetResNet.Build(x, model.Classes, model.Stem, [3, 4, 6, 3], ResidualBlock.Bottleneck),
        ["resnet101"] = (x, model) => ImageNetResNet.Build(x, model.Classes, model.Stem, [3, 4, 23, 3], ResidualBlock.Bottleneck),
        ["resnet152"] = (x, model) => ImageNetResNet.Build(x, model.Classes, model.Stem, [3, 8, 36, 3], ResidualBlock.Bottleneck),
        ["vgg11"] = (x, model) => Vgg.Build(x, model.Classes, [1, 1, 2, 2, 2]),
        ["vgg13"] = (x, model) => Vgg.Build(x, model.Classes, [2, 2, 2, 2, 2]),
        ["vgg16"] = (x, model) => Vgg.Build(x, model.Classes, [2, 2, 3, 3, 3]),
        ["vgg19"] = (x, model) => Vgg.Build(x, model.Classes, [2, 2, 4, 4, 4]),
    };

    /// <summary>Every model's name: the float ones, then their quantized twins.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Models.Keys, .. Models.Keys.Select(name => QuantizedPrefix + name)];

    /// <summary>Whether a name is that of a quantized model.</summary>
    public static bool IsQuantized(string name) => name.StartsWith(QuantizedPrefix, StringComparison.Ordinal);

    /// <summary>The network of a name; a quantized one by the specification (8 bits everywhere without one).</summary>
    /// <exception cref="GraphException">There is no such model, or it cannot take such images.</exception>
    public static Graph Build(ModelSpec model, QuantizationSpec? quantization = null)
    {
        bool quantized = IsQuantized(model.Name);
        if (!Models.TryGetValue(quantized ? model.Name[QuantizedPrefix.Length..] : model.Name, out var build))
            throw new GraphException($"There is no model {model.Name}{NearestName.Hint(model.Name, Names)}");
        var x = new GraphBuilder(model.Input);
        if (model.Normalization is { } normalization) x = x.Normalize(normalization.Mean, normalization.Std, name: "normalize");
        Graph network = build(x, model).ToGraph();
        return quantized ? network.Quantize(quantization ?? new()) : network;
    }
}
