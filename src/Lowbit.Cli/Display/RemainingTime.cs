using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>How long a run will go on: by the mean of its finished epochs, within the first one by the speed of its batches.</summary>
sealed class RemainingTime
{
    double seconds, evaluation, estimate;
    int epochs;

    /// <summary>Until the end of the run, from the last report on.</summary>
    public TimeSpan OfRun { get; private set; }

    /// <summary>An epoch has come further.</summary>
    public void Progressed(EpochProgress p)
    {
        int left = p.Batches - p.Batch;
        if (epochs > 0) estimate = seconds / epochs;
        else if (left > 0) estimate = p.TimeLeft.TotalSeconds / left * p.Batches;
        OfRun = p.TimeLeft + TimeSpan.FromSeconds((epochs > 0 ? evaluation / epochs : 0) + (p.Epochs - p.Epoch) * estimate);
    }

    /// <summary>An epoch is over.</summary>
    public void EpochFinished(EpochResult result)
    {
        seconds += result.Seconds;
        evaluation += result.Seconds - result.TrainingSeconds;
        epochs++;
    }
}
