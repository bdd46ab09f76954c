namespace Lowbit.Data.Downloads;

/// <summary>A file that its publisher offers for download.</summary>
/// <param name="Urls">Where it is, the official place first.</param>
/// <param name="Md5">Its checksum, in lower-case hexadecimal, as its publisher gives it.</param>
sealed record Archive(IReadOnlyList<string> Urls, string Md5)
{
    /// <summary>The file's name.</summary>
    public string Name => Urls[0][(Urls[0].LastIndexOf('/') + 1)..];
}
