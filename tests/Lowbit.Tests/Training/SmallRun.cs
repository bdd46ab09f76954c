using Lowbit.Configuration;
using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>A real training that takes a second.</summary>
static class SmallRun
{
    public static RunConfiguration Configuration(string folder, string model = "quant_resnet20") => new()
    {
        Dataset = new() { Name = "digits", Limit = 96, ImageSize = 8, NumWorkers = 1 },
        Model = new() { Name = model },
        Quantization = new() { WeightBitWidth = 4, ActBitWidth = 4, CollectStatsSteps = 2 },
        Training = new() { BatchSize = 32, Epochs = 1 },
        Optimizer = new() { Momentum = 0.9 },
        Checkpoint = new() { Dir = folder },
    };

    /// <summary>The checkpoint that the training leaves.</summary>
    public static string Checkpoint(string folder) => TrainingRun.Run(Configuration(folder), new SilentObserver(), CancellationToken.None).Folder!.Latest;

    /// <summary>A copy of a checkpoint with some tensors, or some metadata, changed by the test.</summary>
    public static string Changed(
        string checkpoint, Action<Dictionary<string, TorchSharp.torch.Tensor>>? tensors = null, Action<Dictionary<string, string>>? metadata = null)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        Safetensors file = Safetensors.Read(checkpoint);
        var (changed, text) = (file.Tensors.ToDictionary(), file.Metadata.ToDictionary());
        tensors?.Invoke(changed);
        metadata?.Invoke(text);
        string path = Path.Combine(Path.GetDirectoryName(checkpoint)!, "changed.safetensors");
        Safetensors.Write(path, changed.Select(entry => (entry.Key, entry.Value)), text);
        return path;
    }
}
