using Lowbit.Data;
using Lowbit.Training;

namespace Lowbit.Tests.Training;

/// <summary>For runs whose result is all that matters.</summary>
class SilentObserver : ITrainingObserver
{
    public virtual void Downloading(DownloadProgress progress)
    {
    }

    public virtual void Started(RunStart start)
    {
    }

    public virtual void Notice(string message)
    {
    }

    public virtual void Progressed(EpochProgress progress)
    {
    }

    public virtual void EpochFinished(EpochResult result, bool isBest)
    {
    }
}
