using Lowbit.Data;
using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>For runs whose result is all that matters.</summary>
sealed class SilentObserver : ITrainingObserver
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
