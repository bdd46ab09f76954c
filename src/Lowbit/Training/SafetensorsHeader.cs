using System.Text.Json;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>One tensor of a safetensors file: its name, its type, its shape, and where its bytes begin and end after the header.</summary>
readonly record struct SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The JSON header of a safetensors file, read token by token, so that it takes no more memory than what it names, and held to the rules of the
/// format: every name once, every byte of the data part of exactly one tensor, none left over.
/// </summary>
sealed class SafetensorsHeader
{
    /// <summary>The format allows 100 MB; this is some 100,000 tensors, far beyond any network here.</summary>
    public const long LongestHeader = 16 << 20;

    const string MetadataKey = "__metadata__";
    const int MostDimensions = 64;

    static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    readonly List<SafetensorsEntry> entries = [];
    readonly HashSet<string> names = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    /// <summary>The tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries;

    /// <summary>Text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>What the format calls a type.</summary>
    public static string NameOf(ScalarType type) => Types.First(known => known.Type == type).Name;

    /// <summary>Reads a header whose file has <paramref name="dataBytes"/> after it.</summary>
    /// <exception cref="FormatException">It breaks a rule of the format; the message tells which, and for which tensor.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        var header = new SafetensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json);
            header.Read(ref reader);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new FormatException("its header is not JSON as the format has it", problem);
        }
        header.RequireNoHolesAndOverlaps(dataBytes);
        return header;
    }

    void Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new FormatException("its header is not a JSON object");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name)) throw new FormatException($"{Printable.Short(name)} is named twice in its header");
            if (name == MetadataKey) ReadMetadata(ref reader);
            else entries.Add(ReadEntry(ref reader, name));
        }
        if (reader.Read()) throw new FormatException("its header goes on beyond its end");
    }

    void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (Next(ref reader) != JsonTokenType.StartObject) throw new FormatException($"{MetadataKey} is not a JSON object");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (Next(ref reader) != JsonTokenType.String) throw new FormatException($"{Printable.Short(key)} of its {MetadataKey} is not text");
            if (!metadata.TryAdd(key, reader.GetString()!)) throw new FormatException($"{Printable.Short(key)} is named twice in its {MetadataKey}");
        }
    }

    static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (Next(ref reader) != JsonTokenType.StartObject) throw new FormatException($"its header says nothing of {Printable.Short(name)}");
        string? type = null;
        long[]? shape = null, offsets = null;
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (key == "dtype" && type is null && Next(ref reader) == JsonTokenType.String) type = reader.GetString();
            else if (key == "shape" && shape is null) shape = ReadNumbers(ref reader, name, key, MostDimensions);
            else if (key == "data_offsets" && offsets is null) offsets = ReadNumbers(ref reader, name, key, 2);
            else throw new FormatException($"what its header says of {Printable.Short(name)} is not a dtype, a shape and data_offsets, each once");
        }
        if (type is null || shape is null || offsets is not [_, _]) throw new FormatException($"its header does not say the dtype, the shape and the data_offsets of {Printable.Short(name)}");
        var known = Types.FirstOrDefault(entry => entry.Name == type);
        if (known.Name is null) throw new FormatException($"{Printable.Short(name)} is of the type {Printable.Short(type)}, which is not read here; {string.Join(", ", Types.Select(entry => entry.Name))} are");
        Int128 bytes = known.Bytes;
        foreach (long size in shape)
        {
            bytes *= Math.Max(size, 1);   // torch counts with the others even where there is not one element
            if (bytes > long.MaxValue) throw new FormatException($"{Printable.Short(name)} has the shape [{string.Join(", ", shape)}], more bytes than can be counted");
        }
        if (shape.Contains(0)) bytes = 0;
        if (offsets[1] - offsets[0] != bytes) throw new FormatException($"{Printable.Short(name)} has the shape [{string.Join(", ", shape)}] of {type}, {bytes} bytes, and its offsets are {offsets[0]} to {offsets[1]}");
        return new(name, known.Type, shape, offsets[0], offsets[1]);
    }

    static long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key, int most)
    {
        if (Next(ref reader) != JsonTokenType.StartArray) throw new FormatException($"the {key} of {Printable.Short(name)} is not a list");
        var numbers = new List<long>();
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long number) || number < 0) throw new FormatException($"the {key} of {Printable.Short(name)} holds a number that is not 0 or a positive whole number");
            if (numbers.Count == most) throw new FormatException($"the {key} of {Printable.Short(name)} has more than {most} numbers");
            numbers.Add(number);
        }
        if (reader.TokenType != JsonTokenType.EndArray) throw new FormatException($"the {key} of {Printable.Short(name)} is not a list of numbers");
        return [.. numbers];
    }

    void RequireNoHolesAndOverlaps(long dataBytes)
    {
        long end = 0;
        foreach (SafetensorsEntry entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin < end) throw new FormatException($"{Printable.Short(entry.Name)} begins at byte {entry.Begin}, within another tensor that ends at {end}");
            if (entry.Begin > end) throw new FormatException($"bytes {end} to {entry.Begin} in front of {Printable.Short(entry.Name)} belong to no tensor");
            if (entry.End > dataBytes) throw new FormatException($"it ends in the middle of {Printable.Short(entry.Name)}");
            end = entry.End;
        }
        if (end != dataBytes) throw new FormatException($"{dataBytes - end} bytes follow its last tensor");
    }

    static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new FormatException("its header ends too early");
}
