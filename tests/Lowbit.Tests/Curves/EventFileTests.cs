using System.Numerics;
using Lowbit.Curves;
using Lowbit.Tests.Data;
using Tensorboard;
using Xunit;

namespace Lowbit.Tests.Curves;

public sealed class EventFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Events_are_on_the_disk_when_they_were_added_with_the_second_in_which_they_were()
    {
        double before = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        var file = new EventFile(folder["curves"]);
        file.Add("loss/train", 1.25, 3);
        file.Add("loss/train", 0.5, 4);

        Event[] events = [.. Read(Assert.Single(Directory.GetFiles(folder["curves"], "events.out.tfevents.*")))];

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal([("loss/train", 1.25f, 3L), ("loss/train", 0.5f, 4L)], events.Skip(1).Select(e => (e.Summary.Value[0].Tag, e.Summary.Value[0].SimpleValue, e.Step)));
        Assert.All(events, e => Assert.InRange(e.WallTime, before, before + 60));
    }

    [Fact]
    public void Two_runs_with_one_folder_write_files_of_their_own()
    {
        _ = new EventFile(folder["curves"]);
        _ = new EventFile(folder["curves"]);
        Assert.Equal(2, Directory.GetFiles(folder["curves"]).Length);
    }

    /// <summary>The events of a file, whose checksums must be right.</summary>
    static IEnumerable<Event> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            byte[] length = reader.ReadBytes(8);
            Assert.Equal(Masked(length), reader.ReadUInt32());
            byte[] data = reader.ReadBytes((int)BitConverter.ToInt64(length));
            Assert.Equal(Masked(data), reader.ReadUInt32());
            yield return Event.Parser.ParseFrom(data);
        }
    }

    static uint Masked(byte[] data)
    {
        uint crc = ~data.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
