using Lowbit.Configuration;
using Lowbit.Models;

namespace Lowbit.Cli.Guide;

/// <summary>Sensible defaults for a first run on a dataset.</summary>
/// <param name="Model">The network.</param>
/// <param name="Minutes">Minutes to spend.</param>
/// <param name="Training">In what portions.</param>
/// <param name="Optimizer">How gradients change the weights.</param>
sealed record StartingPoint(string Model, double Minutes, TrainingOptions Training, OptimizerOptions Optimizer)
{
    /// <summary>The dataset that comes with Lowbit.</summary>
    public const string Dataset = "digits";

    /// <summary>Bits of weights and activations.</summary>
    public const int Bits = 4;

    /// <summary>Images that lie in a folder which the user has to name.</summary>
    public static bool IsFolder(string dataset) => dataset is "imagefolder" or "imagenet";

    /// <summary>Refuses bits for a network that has none to choose.</summary>
    /// <exception cref="ConfigurationException">There are some, and the network is float.</exception>
    public static void RefuseBits(string model, string? bits)
    {
        if (bits is not null && !ModelZoo.IsQuantized(model))
            throw new ConfigurationException([$"--model is {model}, which is not quantized and has no bits to choose; name {ModelZoo.QuantizedPrefix}{model}, or leave --bits and --act-bits out"]);
    }

    /// <summary>The defaults for a dataset. Small images that are quickly seen again and again take Adam, as configs/quickstart.yaml does.</summary>
    public static StartingPoint For(string dataset) => dataset switch
    {
        "digits" => new("quant_cnv", 2, new() { BatchSize = 64 }, new() { Name = OptimizerKind.Adam, LearningRate = 0.002 }),
        "mnist" or "fashion_mnist" => new("quant_cnv", 15, new(), new() { Name = OptimizerKind.Adam, LearningRate = 0.002 }),
        "cifar10" or "cifar100" => new("quant_resnet20", 30, new(), new()),
        _ => new("quant_resnet18", 60, new() { BatchSize = 32 }, new() { LearningRate = 0.025 }),
    };
}
