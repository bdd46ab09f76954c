using System.Net;

namespace Lowbit.Data;

/// <summary>Fetches published files. What has come of a file lies beside it as FILE.partial, and a later call goes on from there.</summary>
static class Download
{
    // So often may a place fail in succession without that anything came.
    const int Attempts = 3;

    /// <summary>Fetches a file into a folder, from the first of its places that gives it whole. Returns its path.</summary>
    /// <exception cref="LowbitException">No place gives it; the message tells what each said.</exception>
    public static string Fetch(PublishedFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, file.Name), partial = path + ".partial";
        var failures = new List<string>();
        foreach (string url in file.Urls)
        {
            if (TryFetch(url, partial, file, progress, cancel) is { } failure)
            {
                failures.Add($"{url} ({failure.TrimEnd('.')})");
                continue;
            }
            File.Move(partial, path, overwrite: true);
            return path;
        }
        throw new LowbitException($"{file.Name} cannot be fetched from {string.Join(" nor from ", failures)}");
    }

    /// <summary>Makes the partial file whole; returns what is in the way of that, or null when it is done.</summary>
    static string? TryFetch(string url, string partial, PublishedFile file, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string? failure = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            long before = LengthOf(partial);
            try
            {
                Continue(url, partial, file, progress, cancel).GetAwaiter().GetResult();
                Verify(partial, file);
                return null;
            }
            catch (Exception error) when (IsOfTheConnection(error) && !cancel.IsCancellationRequested)
            {
                failure = error.Message;
                if (LengthOf(partial) > before) attempt = -1;
            }
        }
        return failure;
    }

    static bool IsOfTheConnection(Exception error) =>
        error is HttpRequestException or IOException or InvalidDataException or TimeoutException or OperationCanceledException;

    static async Task Continue(
        string url, string partial, PublishedFile published, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        await using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (file.Length > published.Length) file.SetLength(0);
        using var response = await WebClient.Get(url, file.Length, cancel).ConfigureAwait(false);

        // Everything has come already: its checksum will tell.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        response.EnsureSuccessStatusCode();
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == file.Length;
        if (!goesOn) file.SetLength(0);
        file.Seek(0, SeekOrigin.End);
        if (file.Length + response.Content.Headers.ContentLength is { } offered && offered != published.Length)
            throw new HttpRequestException($"it has {offered} bytes instead of {published.Length}");

        await using var body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        progress?.Report(new(published.Name, file.Length, published.Length));
        while (await body.ReadAsync(buffer, cancel).AsTask().WaitAsync(WebClient.Patience, cancel).ConfigureAwait(false) is > 0 and int length)
        {
            if (file.Position + length > published.Length)
            {
                file.SetLength(0);
                throw new HttpRequestException($"it sends more than its {published.Length} bytes");
            }
            await file.WriteAsync(buffer.AsMemory(0, length), cancel).ConfigureAwait(false);
            progress?.Report(new(published.Name, file.Position, published.Length));
        }
        if (file.Length != published.Length) throw new IOException($"the connection ended after {file.Length} of {published.Length} bytes");
    }

    static void Verify(string path, PublishedFile file)
    {
        if (file.DifferenceOf(path) is not { } difference) return;
        File.Delete(path);
        throw new InvalidDataException($"what came has {difference}");
    }

    static long LengthOf(string path) => File.Exists(path) ? FileSize.Of(path) : 0;
}
