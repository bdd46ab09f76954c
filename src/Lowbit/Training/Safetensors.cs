using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>
/// Tensors by name in a file of the safetensors format: 8 bytes length, a JSON header of that length (name: dtype, shape, offsets), then the
/// bytes of the tensors, little-endian. Format: https://github.com/huggingface/safetensors.
/// </summary>
/// <param name="Tensors">The tensors, on the CPU, in the order of the file; whoever reads a file disposes them.</param>
/// <param name="Metadata">Text by key.</param>
public sealed record Safetensors(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    const string MetadataKey = "__metadata__";
    const long LongestHeader = 100_000_000;

    static readonly (string Name, ScalarType Type)[] Types =
    [
        ("F64", ScalarType.Float64), ("F32", ScalarType.Float32), ("F16", ScalarType.Float16), ("BF16", ScalarType.BFloat16),
        ("I64", ScalarType.Int64), ("I32", ScalarType.Int32), ("I16", ScalarType.Int16), ("I8", ScalarType.Int8),
        ("U8", ScalarType.Byte), ("BOOL", ScalarType.Bool),
    ];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="LowbitException">The file is not there, or not a whole safetensors file.</exception>
    public static Safetensors Read(string path)
    {
        if (!File.Exists(path)) throw new LowbitException($"{path} is not there");
        using FileStream file = File.OpenRead(path);
        Span<byte> prefix = stackalloc byte[8];
        if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(path, "it is shorter than 8 bytes");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerLength is < 2 or > LongestHeader || headerLength > file.Length - 8) throw Damaged(path, "the length of its header does not fit the file");
        byte[] header = new byte[headerLength];
        file.ReadExactly(header);

        var tensors = new Dictionary<string, Tensor>();
        var metadata = new Dictionary<string, string>();
        try
        {
            foreach (var (name, entry) in JsonNode.Parse(header)!.AsObject())
            {
                if (name == MetadataKey) foreach (var (key, value) in entry!.AsObject()) metadata[key] = (string)value!;
                else tensors[name] = ReadTensor(file, 8 + headerLength, entry!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or EndOfStreamException or ArgumentException or OverflowException)
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            throw Damaged(path, e is EndOfStreamException ? "it ends in the middle of a tensor" : "its header cannot be understood", e);
        }
        return new(tensors, metadata);
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
                ["dtype"] = Types.First(type => type.Type == tensor.dtype).Name,
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

    static Tensor ReadTensor(FileStream file, long dataStart, JsonNode entry)
    {
        ScalarType type = Types.First(type => type.Name == (string)entry["dtype"]!).Type;
        long[] shape = [.. entry["shape"]!.AsArray().Select(size => (long)size!)];
        long begin = (long)entry["data_offsets"]![0]!, end = (long)entry["data_offsets"]![1]!;
        // Before memory is asked for: a damaged header may name any size.
        using Tensor nothing = empty(0, dtype: type);
        long bytes = shape.Any(size => size < 0) ? -1 : shape.Aggregate(nothing.ElementSize, (product, size) => checked(product * size));
        if (begin < 0 || end - begin != bytes) throw new FormatException("A tensor's offsets do not fit its shape");
        if (end > file.Length - dataStart) throw new EndOfStreamException();
        Tensor tensor = empty(shape, dtype: type);
        file.Position = dataStart + begin;
        tensor.ReadBytesFromStream(file);
        return tensor;
    }

    static LowbitException Damaged(string path, string reason, Exception? cause = null) =>
        new($"{path} is not a whole safetensors file: {reason}", cause!);
}
