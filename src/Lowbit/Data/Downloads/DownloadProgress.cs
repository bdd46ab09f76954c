namespace Lowbit.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Received">Bytes that have come, those of an earlier, interrupted download included.</param>
/// <param name="Total">Bytes that the file has, where that is known.</param>
public record DownloadProgress(string File, long Received, long? Total);

/// <summary>Reports on the reporting thread, unlike <see cref="Progress{T}"/>.</summary>
sealed class ImmediateProgress(Action<DownloadProgress> report) : IProgress<DownloadProgress>
{
    public void Report(DownloadProgress value) => report(value);
}
