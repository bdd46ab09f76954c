using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Lowbit.Data.Downloads;

/// <summary>Fetches files: goes on where a broken download stopped, and keeps only what has the right checksum.</summary>
static class Downloader
{
    const int Attempts = 3;

    /// <summary>Fetches an archive into a folder, unless it is there. Returns its path.</summary>
    /// <exception cref="LowbitException">No place offers it, or what came is not it.</exception>
    public static string Fetch(Archive archive, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string path = Path.Combine(folder, archive.Name), partial = path + ".partial";
        if (File.Exists(path) && ChecksumOf(path) == archive.Md5) return path;
        Directory.CreateDirectory(folder);
        string? problem = null;
        foreach (string url in archive.Urls.SelectMany(url => Enumerable.Repeat(url, Attempts)))
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                Continue(url, partial, archive.Name, progress, cancel);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                problem = $"{url}: {failure.Message}";
                continue;
            }
            if (ChecksumOf(partial) == archive.Md5)
            {
                File.Move(partial, path, overwrite: true);
                return path;
            }
            problem = $"{url}: what came has another checksum than the published one";
            File.Delete(partial);
        }
        throw new LowbitException($"{archive.Name} cannot be downloaded ({problem?.TrimEnd('.')}); fetch {archive.Urls[0]} yourself and put it into {Path.GetFullPath(folder)}");
    }

    /// <summary>Appends to a partial file what it lacks.</summary>
    static void Continue(string url, string partial, string name, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        using var client = new HttpClient();
        using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.Write);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (file.Length > 0) request.Headers.Range = new RangeHeaderValue(file.Length, null);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;   // nothing is missing
        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent) file.SetLength(0);
        file.Seek(0, SeekOrigin.End);

        long? total = response.Content.Headers.ContentLength is { } rest ? file.Length + rest : null;
        using Stream content = response.Content.ReadAsStream(cancel);
        byte[] buffer = new byte[1 << 18];
        for (int count = content.Read(buffer); count > 0; count = content.Read(buffer))
        {
            cancel.ThrowIfCancellationRequested();
            file.Write(buffer, 0, count);
            progress?.Report(new(name, file.Length, total));
        }
        if (total is { } expected && file.Length < expected) throw new IOException($"the connection broke after {file.Length} of {expected} bytes");
    }

    // Publishers of datasets give MD5; it guards against broken files here, not against attackers.
#pragma warning disable CA5351
    static string ChecksumOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(MD5.HashData(file));
    }
#pragma warning restore CA5351
}
