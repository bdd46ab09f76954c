namespace Lowbit.Data;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Received">Bytes that are here.</param>
/// <param name="Total">Bytes of the whole; null where the server does not say.</param>
public sealed record DownloadProgress(string File, long Received, long? Total);
