using System.Diagnostics;
using System.Text;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>Files of the safetensors format are read by its own rules, whatever is in them.</summary>
public sealed class SafetensorsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string File => folder["file.safetensors"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back_empty_tensors_and_single_values_too()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors = [("a", rand(2, 3)), ("none", empty(0, 5)), ("one", tensor(7L)), ("half", rand(4).to(float16)), ("last", empty(0))];
        Safetensors.Write(File, tensors, new Dictionary<string, string> { ["key"] = "text" });

        using Safetensors read = Safetensors.Read(File);

        Assert.Equal(["a", "none", "one", "half", "last"], read.Tensors.Keys);
        Assert.All(tensors, entry => Assert.True(entry.Item2.shape.SequenceEqual(read.Tensors[entry.Item1].shape) && entry.Item2.bytes.SequenceEqual(read.Tensors[entry.Item1].bytes)));
        Assert.Equal("text", read.Metadata["key"]);
    }

    public static TheoryData<string, string, int> Broken => new()
    {
        { Two("F32", "[2]", 0, 8, "F32", "[2]", 4, 12), "within another tensor", 12 },
        { Two("F32", "[2]", 0, 8, "F32", "[2]", 0, 8), "within another tensor", 8 },
        { Two("F32", "[2]", 0, 8, "F32", "[2]", 12, 20), "belong to no tensor", 20 },
        { SafetensorsFile.Entry("a", "F32", "[2]", 4, 12), "belong to no tensor", 12 },
        { SafetensorsFile.Entry("a", "F32", "[2]", 0, 8), "1 bytes follow its last tensor", 9 },
        { SafetensorsFile.Entry("a", "F32", "[2]", 0, 8), "ends in the middle of a", 7 },
        { SafetensorsFile.Entry("a", "F32", "[4611686018427387904,4]", 0, 8), "more bytes than can be counted", 8 },
        { SafetensorsFile.Entry("a", "F32", "[0,4611686018427387904,4]", 0, 0), "more bytes than can be counted", 0 },
        { SafetensorsFile.Entry("a", "F32", "[4294967296,4294967296]", 0, 0), "more bytes than can be counted", 0 },
        { SafetensorsFile.Entry("a", "F32", "[-2]", 0, 8), "not 0 or a positive whole number", 8 },
        { SafetensorsFile.Entry("a", "F32", "[2.0]", 0, 8), "not 0 or a positive whole number", 8 },
        { SafetensorsFile.Entry("a", "F32", "[3]", 0, 8), "12 bytes, and its offsets are 0 to 8", 8 },
        { SafetensorsFile.Entry("a", "F8_E4M3", "[8]", 0, 8), "type F8_E4M3, which is not read here", 8 },
        { SafetensorsFile.Entry("a", "F32", "[" + string.Join(',', Enumerable.Repeat(1, 65)) + "]", 0, 4), "more than 64 numbers", 4 },
        { Two("F32", "[2]", 0, 8, "F32", "[2]", 8, 16).Replace("\"b\"", "\"a\"", StringComparison.Ordinal), "a is named twice", 16 },
        { "\"a\":null", "says nothing of a", 0 },
        { "\"a\":{\"dtype\":\"F32\",\"shape\":[2]}", "the data_offsets of a", 8 },
        { "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}", "each once", 8 },
        { "\"__metadata__\":null", "__metadata__ is not a JSON object", 0 },
        { "\"__metadata__\":{\"a\":7}", "a of its __metadata__ is not text", 0 },
        { "\"__metadata__\":{\"a\":\"x\",\"a\":\"y\"}", "a is named twice", 0 },
        { "\"a", "not JSON", 0 },
        { "\"a\\u000ab\":null", @"says nothing of a\u000ab", 0 },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_file_that_breaks_a_rule_of_the_format_is_told_in_one_sentence(string members, string part, int dataBytes)
    {
        SafetensorsFile.Write(File, members, dataBytes);
        AssertRefused(part);
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("{} {}", null)]
    [InlineData("{}", ulong.MaxValue)]
    [InlineData("{}", 1UL)]
    [InlineData("{}", 3UL)]
    public void A_header_that_is_none_is_told_in_one_sentence(string header, ulong? length)
    {
        SafetensorsFile.WriteRaw(File, header, 0, length);
        AssertRefused("is not a whole safetensors file");
    }

    [Fact]
    public void A_header_deeper_than_any_stack_is_told_in_one_sentence()
    {
        SafetensorsFile.Write(File, "\"a\":" + new string('[', 1_000_000), 0);
        AssertRefused("a");
    }

    [Fact]
    public void A_header_longer_than_any_network_needs_is_refused_before_it_is_read()
    {
        using (FileStream stream = System.IO.File.Create(File))
        {
            stream.Write(BitConverter.GetBytes(90_000_000L));
            stream.SetLength(90_000_008);
        }
        AssertRefused("has a header of 90000000 bytes");
    }

    [Fact]
    public void A_long_header_takes_little_memory_and_time()
    {
        var members = new StringBuilder();
        for (int i = 0; members.Length < 4 << 20; i++) members.Append(i == 0 ? "" : ",").Append(SafetensorsFile.Entry($"tensor{i}", "U8", "[0]", 0, 0));
        SafetensorsFile.Write(File, members.ToString(), 1);   // its last byte is one too many
        AssertRefused("1 bytes follow its last tensor");
    }

    [Fact]
    public void More_tensors_than_memory_are_refused_before_memory_is_asked_for()
    {
        const long bytes = 1L << 42;
        string header = "{" + SafetensorsFile.Entry("a", "U8", $"[{bytes}]", 0, bytes) + "}";
        SafetensorsFile.WriteRaw(File, header, 0);
        try
        {
            using FileStream stream = System.IO.File.OpenWrite(File);
            stream.SetLength(8 + header.Length + bytes);
        }
        catch (IOException)
        {
            Assert.Skip("The disk here takes no file of 4 TiB, not even one with holes");
        }
        AssertRefused("MiB of memory");
    }

    void AssertRefused(string part)
    {
        long before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        string message = Assert.Throws<LowbitException>(() => Safetensors.Read(File)).Message;
        Assert.Contains(part, message);
        Assert.Contains(File, message);
        Assert.DoesNotContain('\n', message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 300L << 20);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    static string Two(string type1, string shape1, long begin1, long end1, string type2, string shape2, long begin2, long end2) =>
        SafetensorsFile.Entry("a", type1, shape1, begin1, end1) + "," + SafetensorsFile.Entry("b", type2, shape2, begin2, end2);
}
