namespace Lowbit.Data;

/// <summary>A file of a dataset as its authors publish it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Md5">The MD5 that its authors state, in lower-case hexadecimal digits.</param>
/// <param name="Urls">Where it can be fetched: the authors' own place, then mirrors.</param>
sealed record PublishedFile(string Name, string Md5, params IReadOnlyList<string> Urls);
