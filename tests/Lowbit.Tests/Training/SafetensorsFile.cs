using System.Buffers.Binary;
using System.Text;

namespace Lowbit.Tests.Training;

/// <summary>Files of the safetensors format whose every byte is the test's own.</summary>
static class SafetensorsFile
{
    public static string Entry(string name, string type, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";

    /// <summary>Writes a header, given as the members of its object, with so many bytes after it.</summary>
    public static void Write(string path, string members, int dataBytes) => WriteRaw(path, "{" + members + "}", dataBytes);

    public static void WriteRaw(string path, string header, int dataBytes, ulong? statedLength = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, statedLength ?? (ulong)json.Length);
        json.CopyTo(file, 8);
        File.WriteAllBytes(path, file);
    }
}
