namespace Lowbit.Data;

/// <summary>A file of a dataset as its authors publish it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Md5">The MD5 that its authors state, in lower-case hexadecimal digits.</param>
/// <param name="Sha256">The SHA-256 that several independent lists state alike, in lower-case hexadecimal digits; null without such lists.</param>
/// <param name="Urls">Where it can be fetched: the authors' own place, then mirrors.</param>
sealed record PublishedFile(string Name, long Length, string Md5, string? Sha256, params IReadOnlyList<string> Urls)
{
    /// <summary>What tells a file from the published one; null where nothing does.</summary>
    public string? DifferenceOf(string path)
    {
        long length = FileSize.Of(path);
        if (length != Length) return $"{length} bytes instead of {Length}";
        var (md5, sha256) = Checksums.Of(path);
        return md5 != Md5 ? $"the MD5 {md5} instead of {Md5}"
            : Sha256 is not null && sha256 != Sha256 ? $"the SHA-256 {sha256} instead of {Sha256}"
            : null;
    }
}
