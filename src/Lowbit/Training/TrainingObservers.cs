using Lowbit.Data;

namespace Lowbit.Training;

/// <summary>Several observers of one run, each told everything, in their order.</summary>
/// <param name="observers">The observers.</param>
public sealed class TrainingObservers(params IReadOnlyList<ITrainingObserver> observers) : ITrainingObserver
{
    /// <inheritdoc/>
    public void Downloading(DownloadProgress progress) => All(observer => observer.Downloading(progress));

    /// <inheritdoc/>
    public void Started(RunStart start) => All(observer => observer.Started(start));

    /// <inheritdoc/>
    public void Notice(string message) => All(observer => observer.Notice(message));

    /// <inheritdoc/>
    public void Progressed(EpochProgress progress) => All(observer => observer.Progressed(progress));

    /// <inheritdoc/>
    public void EpochFinished(EpochResult result, bool isBest) => All(observer => observer.EpochFinished(result, isBest));

    void All(Action<ITrainingObserver> tell)
    {
        foreach (ITrainingObserver observer in observers) tell(observer);
    }
}
