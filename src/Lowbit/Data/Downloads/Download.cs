using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Lowbit.Data;

/// <summary>Fetches published files. What has come of a file lies beside it as FILE.partial, and a later call goes on from there.</summary>
static class Download
{
    // So often may a place fail in succession without that anything came.
    const int Attempts = 3;

    /// <summary>How long nothing may come before a connection counts as broken.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static readonly HttpClient Client = new() { Timeout = Patience };

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
                Continue(url, partial, file.Name, progress, cancel).GetAwaiter().GetResult();
                Verify(partial, file.Md5);
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

    static async Task Continue(string url, string partial, string name, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        await using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (file.Length > 0) request.Headers.Range = new RangeHeaderValue(file.Length, null);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);

        // Everything has come already: its checksum will tell.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        response.EnsureSuccessStatusCode();
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == file.Length;
        if (!goesOn) file.SetLength(0);
        file.Seek(0, SeekOrigin.End);

        long? total = file.Length + response.Content.Headers.ContentLength;
        await using var body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        progress?.Report(new(name, file.Length, total));
        while (await body.ReadAsync(buffer, cancel).AsTask().WaitAsync(Patience, cancel).ConfigureAwait(false) is > 0 and int length)
        {
            await file.WriteAsync(buffer.AsMemory(0, length), cancel).ConfigureAwait(false);
            progress?.Report(new(name, file.Position, total));
        }
        if (total is { } whole && file.Length != whole) throw new IOException($"the connection ended after {file.Length} of {whole} bytes");
    }

    static void Verify(string path, string md5)
    {
        string actual = Md5Of(path);
        if (actual == md5) return;
        File.Delete(path);
        throw new InvalidDataException($"what came has the MD5 {actual} instead of {md5}");
    }

    // Against broken transfers, not against forgers: MD5 is what the authors state.
#pragma warning disable CA5351
    static string Md5Of(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(MD5.HashData(stream));
    }
#pragma warning restore CA5351

    static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
