using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Lowbit.Curves;

/// <summary>
/// A file of events as TensorBoard reads it: of each its length, a checksum of that, its protocol buffer and a checksum of this one. An event is on
/// the disk when it has been added. (TorchSharp's writer gives ticks where seconds since 1970 are read.)
/// </summary>
sealed class EventFile
{
    static int files;

    readonly string path;

    /// <summary>A new file in a folder; both are made where they are not there, also when somebody removes them meanwhile.</summary>
    public EventFile(string folder)
    {
        path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture,
            $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref files)}"));
        Begin();
    }

    /// <summary>Adds a value to a curve.</summary>
    public void Add(string tag, double value, int step) => Add([(tag, value)], step);

    /// <summary>Adds a value to each of some curves, as one event.</summary>
    public void Add(IReadOnlyCollection<(string Tag, double Value)> values, int step)
    {
        if (values.Count == 0) return;
        var summary = new Tensorboard.Summary();
        summary.Value.Add(values.Select(entry => new Tensorboard.Summary.Types.Value { Tag = entry.Tag, SimpleValue = (float)entry.Value }));
        Append(new() { Step = step, Summary = summary });
    }

    void Begin()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Write(new() { FileVersion = "brain.Event:2" });
    }

    void Append(Event happened)
    {
        if (!File.Exists(path)) Begin();
        Write(happened);
    }

    void Write(Event happened)
    {
        happened.WallTime = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        byte[] data = happened.ToByteArray(), record = new byte[8 + 4 + data.Length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Checksum(data));
        using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(record);
    }

    /// <summary>CRC-32C, rotated and moved as the format has it, so that checksums of checksums are none.</summary>
    static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
