using System.Text.RegularExpressions;
using Lowbit.Export.Inspection;
using Lowbit.Graphs;
using TorchSharp;

namespace Lowbit.Tests.Networks;

/// <summary>The reference networks, written with Lowbit's builder under the names of their Brevitas state dicts.</summary>
static partial class BrevitasModels
{
    const string Threshold = ".act_quant.fused_activation_quant_proxy.tensor_quant.scaling_impl.value";

    [GeneratedRegex(@"^(cnv|tiny_resnet|tiny_mobilenet)_(\d)w(\d)a$")]
    private static partial Regex FileName { get; }

    /// <summary>The reference models that are there, such as tiny_resnet_4w4a.</summary>
    public static IEnumerable<string> Names => GoldenFiles.Names("*.safetensors").Select(name => Path.GetFileNameWithoutExtension(name)).Where(name => FileName.IsMatch(name));

    /// <summary>The network of a reference model, for its images and its state.</summary>
    public static Graph Build(string name, Shape input, IReadOnlyDictionary<string, torch.Tensor> state)
    {
        Match match = FileName.Match(name);
        int weightBits = int.Parse(match.Groups[2].Value), actBits = int.Parse(match.Groups[3].Value);
        return match.Groups[1].Value switch
        {
            "cnv" => Cnv(input, weightBits, actBits),
            "tiny_resnet" => TinyResNet(input, weightBits, actBits, PoolBits(name) ?? 6),
            _ => TinyMobileNet(input, weightBits, actBits, PoolBits(name) ?? 8, state),
        };
    }

    /// <summary>Bits of the truncated mean, which a state does not say, but the export beside it; null where there is none.</summary>
    static int? PoolBits(string name)
    {
        string path = GoldenFiles.PathOf(name + ".qonnx.onnx");
        return File.Exists(path) ? OnnxInspection.Of(path).Quantizers.Single(quantizer => quantizer.Kind == "Trunc").BitWidth : null;
    }

    static Graph Cnv(Shape input, int weightBits, int actBits)
    {
        var weights = new WeightQuantizer(weightBits, WeightScale.BnnPynq);
        var activation = new ActivationQuantizer(actBits, Signed: true, ActivationScale.Constant);
        var x = new GraphBuilder(input).Normalize([0.5], [0.5]).Quantize(new(8, Signed: true, ActivationScale.FixedPointUnit));

        int index = 1;
        foreach (var (channels, pool) in new[] { (64, false), (64, true), (128, false), (128, true), (256, false), (256, false) })
        {
            x = x.Conv(channels, kernel: 3, padding: 0, weights: weights, name: $"conv_features.{index}")
                .BatchNorm(epsilon: 1e-4, name: $"conv_features.{index + 1}").Quantize(activation);
            if (pool) x = x.MaxPool(2);
            index += pool ? 4 : 3;
        }
        for (int layer = 0; layer < 6; layer += 3)
            x = x.Linear(512, bias: false, weights: weights, name: $"linear_features.{layer}")
                .BatchNorm(epsilon: 1e-4, name: $"linear_features.{layer + 1}").Quantize(activation);
        return x.Linear(10, bias: false, weights: weights, name: "linear_features.6").TensorNorm(name: "linear_features.7").ToGraph();
    }

    static Graph TinyResNet(Shape input, int weightBits, int actBits, int poolBits)
    {
        var weights = new WeightQuantizer(weightBits);
        var activation = new ActivationQuantizer(actBits, CollectStatisticsSteps: 0);
        var x = new GraphBuilder(input).Conv(16, kernel: 3, weights: new(8), name: "conv1").BatchNorm(name: "bn1").Relu().Quantize(activation, name: "relu.quant");

        x = Block(x, "block1", 16, 1, identity: "relu.quant");
        x = Block(x, "block2", 32, 2, identity: null);
        return x.AveragePool(4, outputBitWidth: poolBits).Linear(10, weights: new(8, PerChannel: false), biasBitWidth: 32, name: "fc").ToGraph();

        GraphBuilder Block(GraphBuilder x, string name, int channels, int stride, string? identity)
        {
            GraphBuilder shortcut = identity is not null ? x : x
                .Conv(channels, kernel: 1, stride, weights: weights, name: $"{name}.downsample.0").BatchNorm(name: $"{name}.downsample.1")
                .Relu().Quantize(activation, name: $"{name}.downsample.2.quant");
            return x
                .Conv(channels, kernel: 3, stride, weights: weights, name: $"{name}.conv1").BatchNorm(name: $"{name}.bn1").Relu().Quantize(activation, name: $"{name}.relu1.quant")
                .Conv(channels, kernel: 3, weights: weights, name: $"{name}.conv2").BatchNorm(name: $"{name}.bn2")
                .Relu().Quantize(activation, sharedWith: identity ?? $"{name}.downsample.2.quant", name: $"{name}.relu2.quant")
                .Add(shortcut).Relu().Quantize(activation, name: $"{name}.relu_out.quant");
        }
    }

    static Graph TinyMobileNet(Shape input, int weightBits, int actBits, int poolBits, IReadOnlyDictionary<string, torch.Tensor> state)
    {
        var x = ConvBnRelu(new GraphBuilder(input), "features.init_block", 8, 3, stride: 2, groups: 1, new(8), padding: 0);
        foreach (var (unit, channels, stride) in new[] { ("stage1.unit1", 16, 2), ("stage2.unit1", 24, 2), ("stage2.unit2", 24, 1) })
        {
            x = ConvBnRelu(x, $"features.{unit}.dw_conv", x.Shape.Channels, 3, stride, groups: x.Shape.Channels, new(weightBits));
            x = ConvBnRelu(x, $"features.{unit}.pw_conv", channels, 1, stride: 1, groups: 1, new(weightBits));
        }
        return x.AveragePool(4, outputBitWidth: poolBits).Linear(10, weights: new(8, PerChannel: false), biasBitWidth: 32, name: "output").ToGraph();

        GraphBuilder ConvBnRelu(GraphBuilder x, string name, int channels, int kernel, int stride, int groups, WeightQuantizer weights, int? padding = null)
        {
            bool perChannel = state[$"{name}.activation{Threshold}"].numel() > 1;
            return x.Conv(channels, kernel, stride, padding, groups, weights: weights, name: $"{name}.conv").BatchNorm(name: $"{name}.bn")
                .Relu().Quantize(new(actBits, Signed: false, ActivationScale.LearnedLog, perChannel, CollectStatisticsSteps: 0), name: $"{name}.activation.quant");
        }
    }
}
