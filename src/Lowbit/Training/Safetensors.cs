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
        if (!File.Exists(path)) throw new LowbitException($"{path} is not there");
        using FileStream file = File.OpenRead(path);
        if (!file.CanSeek) throw Damaged(path, "it is no file that can be read at any place");
        Span<byte> prefix = stackalloc byte[8];
        if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(path, "it is shorter than 8 bytes");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength < 2 || headerLength > (ulong)file.Length - 8) throw Damaged(path, "the length of its header does not fit the file");
        if (headerLength > SafetensorsHeader.LongestHeader)
            throw new LowbitException($"{path} has a header of {headerLength} bytes; at most {SafetensorsHeader.LongestHeader} are read");
        long dataStart = 8 + (long)headerLength;
        RequireMemory(path, file.Length - dataStart);

        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            byte[] header = new byte[headerLength];
            file.ReadExactly(header);
            var parsed = SafetensorsHeader.Parse(header, file.Length - dataStart);
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

        // The data begins at a multiple of 8, as the format asks: blanks behind the JSON fill the gap.
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

    static void RequireMemory(string path, long bytes)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available) throw new LowbitException($"{path} holds {bytes >> 20} MiB of tensors; there are {available >> 20} MiB of memory");
    }

    static LowbitException Damaged(string path, string reason, Exception? cause = null) =>
        new($"{path} is not a whole safetensors file: {reason}", cause!);
}
