using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Lowbit.Tests.Training;

/// <summary>Copies of a safetensors file that something happened to, each following from a seed and a number.</summary>
sealed class CheckpointMutants(byte[] whole, int seed)
{
    static readonly string[] Numbers =
        ["0", "-1", "1", "7", "2147483647", "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "18446744073709551616", "1e308", "0.5", "null", "\"8\""];

    static readonly string[] Texts = ["", "null", "{}", "[]", "NaN", "-5", "99999999999999999999", "{\"Epoch\":1}", "model: { name: cnv }", "model:\n  name: quant_vgg19\n", "\0", "a\nb"];

    static readonly float[] Floats = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 0, -0.0f, -1, -1e30f];

    readonly int dataStart = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);

    public byte[] Number(int index)
    {
        var random = new Random(seed * 1_000_003 + index);
        byte[] mutant = One(random, whole);
        if (random.Next(4) == 0 && mutant.Length > 16) mutant = Bytes(random, mutant);
        return mutant;
    }

    byte[] One(Random random, byte[] file) => random.Next(10) switch
    {
        0 => file[..random.Next(file.Length)],
        1 => [.. file, .. new byte[random.Next(1, 100)]],
        2 or 3 => Bytes(random, file),
        4 => Length(random, file),
        5 => Text(random, file),
        6 => Values(random, file),
        _ => Header(random, file),
    };

    /// <summary>Some bits turned, mostly in the header.</summary>
    byte[] Bytes(Random random, byte[] file)
    {
        byte[] copy = [.. file];
        int end = random.Next(4) == 0 ? copy.Length : Math.Min(dataStart, copy.Length);
        for (int i = random.Next(1, 9); i > 0; i--) copy[random.Next(end)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    static byte[] Length(Random random, byte[] file)
    {
        byte[] copy = [.. file];
        long[] lengths = [0, 1, 2, -1, long.MaxValue, 100_000_000, 16 << 20, copy.Length, copy.Length - 8, random.Next(copy.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(copy, lengths[random.Next(lengths.Length)]);
        return copy;
    }

    /// <summary>A number, or some text, of the header replaced as text.</summary>
    byte[] Text(Random random, byte[] file)
    {
        string header = Encoding.UTF8.GetString(file, 8, dataStart - 8).TrimEnd();
        int at = random.Next(header.Length), length = Math.Min(random.Next(1, 200), header.Length - at);
        header = random.Next(5) switch
        {
            0 => header.Remove(at, length),
            1 => header.Insert(at, header.Substring(at, length)),
            2 => header.Insert(at, new string(random.Next(2) == 0 ? '[' : '{', random.Next(1, 100_000))),
            3 => header.Insert(at, Numbers[random.Next(Numbers.Length)]),
            _ => header[..at] + new string((char)random.Next(1, 0x3000), length) + header[(at + length)..],
        };
        return With(header, file[dataStart..]);
    }

    /// <summary>Values of one tensor replaced by such as no training leaves.</summary>
    byte[] Values(Random random, byte[] file)
    {
        byte[] copy = [.. file];
        for (int i = random.Next(1, 5); i > 0; i--)
            BinaryPrimitives.WriteSingleLittleEndian(copy.AsSpan(dataStart + random.Next((copy.Length - dataStart) / 4) * 4), Floats[random.Next(Floats.Length)]);
        return copy;
    }

    /// <summary>One thing changed of what the header says, the rest of it whole.</summary>
    byte[] Header(Random random, byte[] file)
    {
        JsonObject header = JsonNode.Parse(file.AsSpan(8, dataStart - 8))!.AsObject();
        JsonObject metadata = header["__metadata__"]!.AsObject();
        string[] tensors = [.. header.Select(entry => entry.Key).Where(name => name != "__metadata__")], keys = [.. metadata.Select(entry => entry.Key)];
        string name = tensors[random.Next(tensors.Length)], key = keys[random.Next(keys.Length)];
        JsonObject tensor = header[name]!.AsObject();
        JsonArray shape = tensor["shape"]!.AsArray(), offsets = tensor["data_offsets"]!.AsArray();
        JsonNode? number = JsonNode.Parse(Numbers[random.Next(Numbers.Length)]);
        switch (random.Next(13))
        {
            case 0: metadata[key] = Texts[random.Next(Texts.Length)]; break;
            case 1: metadata.Remove(key); break;
            case 2: metadata[key] = number; break;
            case 3: metadata[key] = Scrambled(random, (string)metadata[key]!); break;
            case 4: metadata[key] = Renumbered(random, (string)metadata[key]!); break;
            case 5: header.Remove(name); break;
            case 6: header["more/" + name] = tensor.DeepClone(); break;
            case 7: tensor["dtype"] = new[] { "F64", "F16", "I64", "I32", "U8", "BOOL", "F8_E5M2", "" }[random.Next(8)]; break;
            case 8: offsets[random.Next(2)] = number; break;
            case 9 when shape.Count > 0: shape[random.Next(shape.Count)] = number; break;
            case 10: tensor["shape"] = new JsonArray([.. shape.Reverse().Select(size => size!.DeepClone())]); break;
            case 11: tensor["data_offsets"] = header[tensors[random.Next(tensors.Length)]]!["data_offsets"]!.DeepClone(); break;
            default: shape.Insert(0, 1); break;
        }
        return With(header.ToJsonString(), file[dataStart..]);
    }

    static string Scrambled(Random random, string text)
    {
        char[] copy = [.. text];
        for (int i = random.Next(1, 4); i > 0 && copy.Length > 0; i--) copy[random.Next(copy.Length)] = (char)random.Next(1, 127);
        return new(copy);
    }

    static string Renumbered(Random random, string text)
    {
        int[] digits = [.. Enumerable.Range(0, text.Length).Where(i => char.IsAsciiDigit(text[i]))];
        if (digits.Length == 0) return text;
        int at = digits[random.Next(digits.Length)];
        return text[..at] + Numbers[random.Next(Numbers.Length)] + text[(at + 1)..];
    }

    static byte[] With(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }
}
