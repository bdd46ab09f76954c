using System.Buffers.Binary;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;

namespace Lowbit.Data;

/// <summary>
/// Files of bytes in one or more dimensions, as MNIST comes: two zeros, the element type (8 for bytes), how many dimensions there are, each
/// of them as a 32-bit number, the highest byte first, and then the bytes; all of it compressed (RFC 1952).
/// </summary>
static class IdxFile
{
    const byte UnsignedBytes = 8;

    // The CRC-32 and the length of the content, at a compressed file's end.
    const int FooterLength = 8;

    // No byte compressed by deflate becomes more.
    const int MostInflated = 1032;

    /// <summary>How many items a file of so many dimensions states to have.</summary>
    /// <exception cref="LowbitException">It is damaged, or holds something else.</exception>
    public static uint Count(string path, int dimensions) => Open(path, dimensions, (_, _, header) => (uint)Number(header, 1));

    /// <summary>The bytes of a compressed file. What its header states is checked first: no more is inflated.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostItems">What the first dimension may be at most.</param>
    /// <param name="itemShape">What all other dimensions must be.</param>
    /// <exception cref="LowbitException">It is damaged, or holds something else, or too much.</exception>
    public static byte[] Read(string path, int mostItems, params int[] itemShape) => Open(path, 1 + itemShape.Length, (file, gzip, header) =>
    {
        byte[] content = new byte[ContentLength(header, mostItems, file.Length, itemShape)];
        int read = gzip.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (read < content.Length) throw new FormatException($"its header states {content.Length} bytes, and it has {read}");
        if (gzip.ReadByte() >= 0) throw new FormatException($"it has more than the {content.Length} bytes that its header states");
        RequireFooter(file, header, content);
        return content;
    });

    static T Open<T>(string path, int dimensions, Func<FileStream, GZipStream, byte[], T> read)
    {
        try
        {
            if (FileSize.Of(path) == 0) throw new FormatException("it is empty");
            using var file = File.OpenRead(path);
            using var gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            byte[] header = new byte[4 * (1 + dimensions)];
            if (gzip.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
                throw new FormatException("it ends within its header");
            if (Number(header, 0) != (UnsignedBytes << 8 | dimensions))
                throw new FormatException($"it is not an IDX file of bytes in {dimensions} dimensions");
            return read(file, gzip, header);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LowbitException($"{path} is damaged, or another kind of file: {(error is InvalidDataException ? "it is not gzip, or its content is not what was compressed" : error.Message.TrimEnd('.'))}", error);
        }
    }

    static long ContentLength(byte[] header, int mostItems, long fileLength, int[] itemShape)
    {
        int count = Number(header, 1);
        long expected = count;
        for (int i = 0; i < itemShape.Length; i++)
        {
            if (Number(header, 2 + i) is var length && length != itemShape[i])
                throw new FormatException($"it has a dimension of {length} where {itemShape[i]} is expected");
            expected *= itemShape[i];
        }
        return count < 0 || count > mostItems || expected > fileLength * MostInflated
            ? throw new FormatException($"its header states {(uint)count} items where at most {Math.Min(mostItems, fileLength * MostInflated)} can be")
            : expected;
    }

    static int Number(byte[] header, int index) => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 * index));

    /// <summary>The stream that inflates does not tell a footer that is cut from a whole one, nor what follows it.</summary>
    static void RequireFooter(FileStream file, byte[] header, byte[] content)
    {
        var crc = new Crc32();
        crc.Update(header);
        crc.Update(content);
        Span<byte> expected = stackalloc byte[FooterLength], actual = stackalloc byte[FooterLength];
        BinaryPrimitives.WriteUInt32LittleEndian(expected, (uint)crc.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(expected[4..], (uint)(header.Length + content.Length));
        file.Seek(-Math.Min(FooterLength, file.Length), SeekOrigin.End);
        if (file.ReadAtLeast(actual, FooterLength, throwOnEndOfStream: false) < FooterLength || !actual.SequenceEqual(expected))
            throw new FormatException("it does not end with the checksum and the length of its content");
    }
}
