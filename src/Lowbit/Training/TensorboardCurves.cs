using Lowbit.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch.utils;

namespace Lowbit.Training;

/// <summary>Loss, accuracy and learning rate of each epoch as an event file for TensorBoard.</summary>
sealed class TensorboardCurves(SummaryWriter writer) : IDisposable
{
    /// <summary>The curves of a run; null where the configuration wants none.</summary>
    public static TensorboardCurves? Open(RunConfiguration configuration, RunFolder? folder)
    {
        if (!configuration.Tensorboard.Enabled) return null;
        string path = configuration.Tensorboard.LogDir ?? folder?.Tensorboard ?? "tensorboard";
        Directory.CreateDirectory(path);
        return new(tensorboard.SummaryWriter(path, "", false));
    }

    public void Add(EpochResult result)
    {
        writer.add_scalar("learning_rate", (float)result.LearningRate, result.Epoch, null);
        Add("train", result.Train, result.Epoch);
        Add("validation", result.Validation, result.Epoch);
        Add("test", result.Test, result.Epoch);
    }

    public void Dispose() => (writer as IDisposable)?.Dispose();

    void Add(string set, Score? score, int epoch)
    {
        if (score is null) return;
        writer.add_scalar($"loss/{set}", (float)score.Loss, epoch, null);
        writer.add_scalar($"top1/{set}", (float)score.Top1, epoch, null);
        if (score.Top5 is { } top5) writer.add_scalar($"top5/{set}", (float)top5, epoch, null);
    }
}
