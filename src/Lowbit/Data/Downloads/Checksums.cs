using System.Security.Cryptography;

namespace Lowbit.Data;

/// <summary>Checksums of files, in lower-case hexadecimal digits.</summary>
static class Checksums
{
    /// <summary>A file's MD5 and SHA-256, of one reading.</summary>
    public static (string Md5, string Sha256) Of(string path)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenRead(path);
        byte[] buffer = new byte[1 << 16];
        while (file.Read(buffer) is > 0 and int length)
        {
            md5.AppendData(buffer, 0, length);
            sha256.AppendData(buffer, 0, length);
        }
        return (Convert.ToHexStringLower(md5.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
    }
}
