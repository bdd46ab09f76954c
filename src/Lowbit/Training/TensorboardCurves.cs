using Lowbit.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch.utils;

namespace Lowbit.Training;

/// <summary>Loss, accuracy and learning rate of each epoch as an event file for TensorBoard.</summary>
sealed class TensorboardCurves : IDisposable
{
    readonly string folder;

    SummaryWriter writer;

    TensorboardCurves(string folder)
    {
        this.folder = folder;
        writer = Open(folder);
    }

    /// <summary>The curves of a run; null where the configuration wants none.</summary>
    public static TensorboardCurves? Open(RunConfiguration configuration, RunFolder? folder) => configuration.Tensorboard.Enabled
        ? new(configuration.Tensorboard.LogDir ?? folder?.Tensorboard ?? "tensorboard")
        : null;

    public void Add(EpochResult result)
    {
        try
        {
            Write(result);
        }
        catch (DirectoryNotFoundException)   // somebody removed it: what comes from here on goes into a new file
        {
            Dispose();
            writer = Open(folder);
            Write(result);
        }
    }

    public void Dispose() => (writer as IDisposable)?.Dispose();

    static SummaryWriter Open(string folder)
    {
        Directory.CreateDirectory(folder);
        return tensorboard.SummaryWriter(folder, "", false);
    }

    void Write(EpochResult result)
    {
        writer.add_scalar("learning_rate", (float)result.LearningRate, result.Epoch, null);
        Write("train", result.Train, result.Epoch);
        Write("validation", result.Validation, result.Epoch);
        Write("test", result.Test, result.Epoch);
    }

    void Write(string set, Score? score, int epoch)
    {
        if (score is null) return;
        writer.add_scalar($"loss/{set}", (float)score.Loss, epoch, null);
        writer.add_scalar($"top1/{set}", (float)score.Top1, epoch, null);
        if (score.Top5 is { } top5) writer.add_scalar($"top5/{set}", (float)top5, epoch, null);
    }
}
