using Lowbit.Configuration;
using Lowbit.Training.Health;

namespace Lowbit.Training;

/// <summary>
/// What a run writes into its folder, in an order that loses nothing wherever the process is killed. At the start: config.yaml, then latest. At the end of
/// an epoch: its rows in health.csv and metrics.csv, then latest, with which the epoch is finished, then what follows from these two: best and epoch_N. So a latest
/// after epoch N has N's rows beside it, and what may be missing is made of it by <see cref="Complete"/> when the run is continued; a latest before epoch N
/// repeats N.
/// </summary>
/// <param name="hold">The folder, whose lock this object releases when it is disposed.</param>
/// <param name="options">What the run was asked for.</param>
/// <param name="results">The epochs that are finished; the run adds to them.</param>
/// <param name="writeCheckpoint">Writes the present state to a file.</param>
/// <param name="notice">Is told what the user should know.</param>
sealed class RunRecord(
    RunLock hold, RunOptions options, IReadOnlyList<EpochResult> results, Action<string> writeCheckpoint, Action<string> notice) : IDisposable
{
    const int MostAttempts = 3;

    /// <summary>The folder.</summary>
    public RunFolder Folder => hold.Folder;

    /// <summary>The folder that a user continues the run by: another one where this is a stage.</summary>
    public string ContinuedBy { get; init; } = hold.Folder.Path;

    /// <summary>
    /// Writes config.yaml and the state from which the run sets out; where that is latest, also what the process that wrote it could not write any more. A latest
    /// that is further than an older checkpoint from which the run is continued stays until the next one takes its place.
    /// </summary>
    /// <param name="position">Where the run sets out.</param>
    /// <param name="from">The checkpoint that it continues from; null for a new run.</param>
    public void Begin(RunPosition position, string? from) => Write(() =>
    {
        Folder.WriteConfiguration(options);
        if (!File.Exists(Folder.Latest))
        {
            WriteMetrics();
            writeCheckpoint(Folder.Latest);
        }
        else if (from is null || Path.GetFullPath(from) != Folder.Latest) return;
        if (position.Epoch > position.EarlierEpochs && position.Batch == 0) Complete(position);
    });

    /// <summary>Writes the state within an epoch.</summary>
    public void Interrupt() => Write(() => writeCheckpoint(Folder.Latest));

    /// <summary>Writes all that the end of an epoch leaves.</summary>
    public void FinishEpoch(RunPosition position) => Write(() =>
    {
        WriteMetrics();
        writeCheckpoint(Folder.Latest);
        Complete(position);
    });

    /// <inheritdoc/>
    public void Dispose() => hold.Dispose();

    /// <summary>Makes of latest and metrics.csv what follows from them at the end of an epoch.</summary>
    void Complete(RunPosition position)
    {
        if (options.Checkpoint.SaveBest && position.BestEpoch == position.Epoch) AtomicFile.Copy(Folder.Latest, Folder.Best);
        if (position.Epoch % options.Checkpoint.SaveFrequency == 0) AtomicFile.Copy(Folder.Latest, Folder.Epoch(position.Epoch));
    }

    void WriteMetrics()
    {
        if (results.Count == 0) return;
        HealthFile.Write(Folder.Health, results);
        MetricsFile.Write(Folder.Metrics, results);
    }

    void Write(Action write)
    {
        try
        {
            for (int attempt = 1; !IsWritten(write, isLast: attempt == MostAttempts); attempt++)
                if (attempt == MostAttempts) throw new IOException($"{Folder.Path} is removed again and again");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new LowbitException(
                $"{problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}; when that is mended, continue with lowbit train --resume {ContinuedBy}", problem);
        }
    }

    /// <summary>Writes; false where the folder was removed meanwhile, so that some files may be in a new one of the same name and others not.</summary>
    bool IsWritten(Action write, bool isLast)
    {
        RestoreFolder();
        try
        {
            write();
            return hold.IsHeld;
        }
        catch (Exception gone) when ((gone is FileNotFoundException or DirectoryNotFoundException) && !isLast)
        {
            return false;
        }
    }

    void RestoreFolder()
    {
        if (hold.IsHeld) return;
        hold.Renew();
        notice($"{Folder.Path} was removed while the run went on; it is written again, without the checkpoints of earlier epochs");
        Folder.WriteConfiguration(options);
        WriteMetrics();
    }
}
