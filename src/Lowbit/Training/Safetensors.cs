using System.Buffers.Binary;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Tensors by name in a file of the safetensors format: 8 bytes length, a JSON header of that length (name: dtype, shape, offsets), then the
/// bytes of the tensors, little-endian. Format: https://github.com/huggingface/safetensors.
/// </summary>
/// <param name="Tensors">The tensors, on the CPU, in the order of the header.</param>
/// <param name="Metadata">Text by key.</param>
public sealed record Safetensors(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    const string MetadataKey = "__metadata__";

    /// <summary>Reads a whole file. Whoever reads it disposes the tensors, or the result.</summary>
    /// <exception cref="LowbitException">The file is not there, breaks a rule of the format, or holds more than there is memory for.</exception>
    public static Safetensors Read(string path)
    {
        using FileStream file = Open(path, out int headerLength);
        long dataStart = 8 + (long)headerLength;
        RequireMemory(path, file.Length - dataStart);

        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            SafetensorsHeader parsed = Header(file, headerLength);
            foreach (SafetensorsEntry entry in parsed.Entries)
            {
                Tensor tensor = tensors[entry.Name] = empty(entry.Shape, dtype: entry.Type);
                file.Position = dataStart + entry.Begin;
                if (entry.End > entry.Begin) tensor.ReadBytesFromStream(file);
            }
            return new(tensors, parsed.Metadata);
        }
        catch (Exception problem)
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            if (problem is FormatException) throw Damaged(path, problem.Message, problem);
            if (problem is EndOfStreamException) throw Damaged(path, "it became shorter while it was read", problem);
            throw;
        }
    }

    /// <summary>Reads the metadata of a file, and no tensor.</summary>
    /// <exception cref="LowbitException">The file is not there, or breaks a rule of the format.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream file = Open(path, out int headerLength);
        try
        {
            return Header(file, headerLength).Metadata;
        }
        catch (Exception problem) when (problem is FormatException or EndOfStreamException)
        {
            throw Damaged(path, problem is FormatException ? problem.Message : "it became shorter while it was read", problem);
        }
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor Tensor)[] plain = [.. tensors.Select(entry => (entry.Name, entry.Tensor.detach().cpu().contiguous()))];
        var header = new JsonObject();
        if (metadata is not null) header[MetadataKey] = new JsonObject(metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        long offset = 0;
        foreach (var (name, tensor) in plain)
        {
            long end = offset + tensor.NumberOfElements * tensor.ElementSize;
            header[name] = new JsonObject
            {
                ["dtype"] = SafetensorsHeader.NameOf(tensor.dtype),
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        // The data begins at a multiple of 8, as the format asks: blanks after the JSON fill the gap.
        string text = header.ToJsonString();
        byte[] json = System.Text.Encoding.UTF8.GetBytes(text);
        int padded = (json.Length + 7) / 8 * 8;
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, padded);
            stream.Write(prefix);
            stream.Write(json);
            for (int i = json.Length; i < padded; i++) stream.WriteByte((byte)' ');
            foreach (var (_, tensor) in plain) tensor.WriteBytesToStream(stream);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values) tensor.Dispose();
    }

    /// <summary>Opens a file and reads how long its header is, which follows.</summary>
    static FileStream Open(string path, out int headerLength)
    {
        if (!File.Exists(path)) throw new LowbitException($"{path} is not there");
        FileStream file = File.OpenRead(path);
        try
        {
            if (!file.CanSeek) throw Damaged(path, "it is no file that can be read at any place");
            Span<byte> prefix = stackalloc byte[8];
            if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(path, "it is shorter than 8 bytes");
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (length < 2 || length > (ulong)file.Length - 8) throw Damaged(path, "the length of its header does not fit the file");
            if (length > SafetensorsHeader.LongestHeader)
                throw new LowbitException($"{path} has a header of {length} bytes; at most {SafetensorsHeader.LongestHeader} are read");
            headerLength = (int)length;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    static SafetensorsHeader Header(FileStream file, int length)
    {
        byte[] header = new byte[length];
        file.ReadExactly(header);
        return SafetensorsHeader.Parse(header, file.Length - file.Position);
    }

    static void RequireMemory(string path, long bytes)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available) throw new LowbitException($"{path} holds {bytes >> 20} MiB of tensors; there are {available >> 20} MiB of memory");
    }

    static LowbitException Damaged(string path, string reason, Exception? cause = null) =>
        new($"{path} is not a whole safetensors file: {reason}", cause!);
}
