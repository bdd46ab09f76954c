using System.Buffers.Binary;
using System.IO.Compression;

namespace Lowbit.Data;

/// <summary>
/// Files of bytes in one or more dimensions, as MNIST comes: two zeros, the element type (8 for bytes), how many dimensions there are, each
/// of them as a 32-bit number, the highest byte first, and then the bytes.
/// </summary>
static class IdxFile
{
    const byte UnsignedBytes = 8;

    /// <summary>The bytes of a compressed file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="itemShape">What all dimensions but the first must be.</param>
    /// <exception cref="LowbitException">It is damaged, or holds something else.</exception>
    public static byte[] Read(string path, params ReadOnlySpan<int> itemShape)
    {
        byte[] content = Unpack(path);
        int header = 4 * (2 + itemShape.Length), size = 1;
        foreach (int length in itemShape) size *= length;
        if (content.Length < header || BinaryPrimitives.ReadInt32BigEndian(content) != (UnsignedBytes << 8 | itemShape.Length + 1))
            throw new LowbitException($"{path} is not an IDX file of bytes in {itemShape.Length + 1} dimensions");
        for (int i = 0; i < itemShape.Length; i++)
            if (Dimension(content, 1 + i) is var length && length != itemShape[i])
                throw new LowbitException($"{path} has a dimension of {length} where {itemShape[i]} is expected");
        long expected = (long)Dimension(content, 0) * size;
        return content.Length - header == expected
            ? content[header..]
            : throw new LowbitException($"{path} states {expected} bytes and has {content.Length - header}");
    }

    static int Dimension(byte[] content, int index) => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 * (1 + index)));

    static byte[] Unpack(string path)
    {
        try
        {
            using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var content = new MemoryStream();
            gzip.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException error)
        {
            throw new LowbitException($"{path} is damaged: {error.Message}", error);
        }
    }
}
