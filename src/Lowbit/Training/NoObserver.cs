using Lowbit.Data;

namespace Lowbit.Training;

/// <summary>Tells nobody.</summary>
sealed class NoObserver : ITrainingObserver
{
    public void Downloading(DownloadProgress progress)
    {
    }

    public void Started(RunStart start)
    {
    }

    public void Notice(string message)
    {
    }

    public void Progressed(EpochProgress progress)
    {
    }

    public void EpochFinished(EpochResult result, bool isBest)
    {
    }
}
