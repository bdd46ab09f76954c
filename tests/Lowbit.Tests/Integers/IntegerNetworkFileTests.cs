using System.Text;
using System.Text.RegularExpressions;
using Lowbit.Integers;
using Lowbit.Runtime;
using Xunit;

namespace Lowbit.Tests.Integers;

public sealed class IntegerNetworkFileTests : IDisposable
{
    static readonly string Json = Written();

    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.json");

    [Fact]
    public void A_network_is_read_as_it_was_written()
    {
        using var trained = new TrainedLike(Blocks.Network("powers of two, everywhere a tie", 4, perChannel: false), seed: 1);
        IntegerNetwork network = IntegerForm.Of(trained.Network, new Dictionary<string, string> { ["model"] = "mine" });
        using (var file = File.Create(path)) IntegerNetworkFile.Write(network, file);

        IntegerNetwork read = IntegerNetworkFile.Read(path);

        byte[] pixels = ExactIntegers.PixelsOf(trained.Images);
        Assert.Equal("mine", read.Metadata["model"]);
        Assert.Equal(Text(network), Text(read));
        Assert.Equal(new Interpreter(network).Run(pixels), new Interpreter(read).Run(pixels));
    }

    /// <summary>What a file says, what it says instead, and the sentence.</summary>
    public static TheoryData<string, string, string> Damages => new()
    {
        { "\"version\":1", "\"version\":2", "it is an integer network of version 2, and this program reads versions up to 1" },
        { "\"version\":1", "\"version\":0", "it does not say its version" },
        { "\"version\":1,", "", "it does not say its version" },
        { "lowbit integer network", "something else", "it is not an integer network: its format is not \"lowbit integer network\"" },
        { "\"op\":\"conv\"", "\"op\":\"convolution\"", "nodes[1] is not what an integer network has there (line 1, byte " },
        { "\"op\":\"conv\",", "", "a node does not say its op" },
        { "\"kernel\":3,", "", "nodes[1] has no kernel (line 1, byte " },
        { "\"kernel\":3", "\"kernel\":3.5", "nodes[1].kernel is not what an integer network has there (line 1, byte " },
        { "\"kernel\":3", "\"kernel\":30", "conv1: a window of 30x30 with stride 1 and padding 1 does not fit an image of 3x9x9" },
        { "\"kernel\":3", "\"kernel\":0", "conv1: a window of 0x0 with stride 1 and padding 1 does not fit an image of 3x9x9" },
        { "\"padding\":1", "\"padding\":2000000000", "conv1: a window of 3x3 with stride 1 and padding 2000000000 does not fit an image of 3x9x9" },
        { "\"padding\":1", "\"padding\":4000", "conv1: a value of 6x8007x8007 is not possible; it has at most 8388608 elements" },
        { "\"groups\":1", "\"groups\":2", "conv1: 3 input and 6 output channels do not divide into 2 groups" },
        { "\"channels\":6", "\"channels\":7", "conv1: it has 162 weights; it takes 189" },
        { "\"count\":162", "\"count\":2000000000", "conv1: the data of its 2000000000 weights of 4 bits have 81 bytes" },
        { "\"bit_width\":4", "\"bit_width\":9", "conv1: its weights have 9 bits; they have 1 to 8" },
        { "\"data\":\"", "\"data\":\"?", "nodes[1].weights.data is not what an integer network has there (line 1, byte " },
        { "\"from\":\"conv1\"", "\"from\":\"conv2\"", "quant1: it takes the value of conv2, and no node of that name comes before it" },
        { "\"from\":\"conv1\"", "\"from\":null", "nodes[2].from is not what an integer network has there (line 1, byte " },
        { "\"name\":\"quant1\"", "\"name\":\"conv1\"", "conv1: two nodes have this name" },
        { "\"multipliers\":[", "\"multipliers\":[1,", "quant1: it takes as many multipliers, addends and shifts: 6, or one of each" },
        { "\"multipliers\":[", "\"multipliers\":[3000000000,", "nodes[2].multipliers[0] is not what an integer network has there (line 1, byte " },
        { "\"addends\":[", "\"addends\":null,\"shifts\":[", "nodes[2].addends is not what an integer network has there (line 1, byte " },
        { "\"shifts\":[", "\"shifts\":[99,", "quant1: it takes as many multipliers, addends and shifts: 6, or one of each" },
        { "\"exceptions\":[]", "\"exceptions\":[null]", "quant1: thresholds are missing" },
        { "\"exceptions\":[]", "\"exceptions\":[{\"channel\":6,\"first\":0,\"falling\":false,\"at\":[]}]", "quant1: the thresholds of channel 6 are for a channel that is not there" },
        { "\"exceptions\":[]", "\"exceptions\":[{\"channel\":0,\"first\":15,\"falling\":false,\"at\":[3]}]", "quant1: the thresholds of channel 0 lead beyond 0 to 15" },
        { "\"exceptions\":[]", "\"exceptions\":[{\"channel\":0,\"first\":0,\"falling\":false,\"at\":[3,2]}]", "quant1: the thresholds of channel 0 are not in order" },
        { "\"low\":0", "\"low\":99", "quant1: its output is 99 to 15" },
        { "\"low\":0", "\"lowest\":0", "nodes[2].lowest is not what an integer network has there (line 1, byte " },
        { "\"height\":9", "\"height\":900000", "input: images of 3x900000x9 are not possible" },
        { "\"tables\":[[", "\"tables\":[[7,", "images: it takes 3 tables of 256 integers" },
        { "\"scales\":[", "\"scales\":[1,", "logits: linear1 is 5x1x1; there must be one integer, one scale and one offset for each class" },
        { "\"nodes\":[", "\"nodes\":[null,", "a node is missing" },
    };

    [Theory, MemberData(nameof(Damages))]
    public void A_damaged_file_is_refused_with_one_sentence_that_says_where(string valid, string damaged, string sentence)
    {
        Assert.Contains(valid, Json);
        File.WriteAllText(path, new Regex(Regex.Escape(valid)).Replace(Json, damaged.Replace("$", "$$", StringComparison.Ordinal), 1));
        string message = Assert.Throws<LowbitException>(() => IntegerNetworkFile.Read(path)).Message;
        Assert.StartsWith($"{path} cannot be read: {sentence}", message);
        Assert.Equal(message, message.ReplaceLineEndings(" "));
    }

    [Fact]
    public void A_file_that_is_cut_or_has_a_wrong_byte_is_read_or_refused_and_nothing_else()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Json);
        var chance = new Random(1);
        for (int i = 0; i < 400; i++)
        {
            byte[] bytes = i % 2 == 0 ? whole[..chance.Next(whole.Length)] : [.. whole];
            if (i % 2 == 1) bytes[chance.Next(bytes.Length)] = (byte)chance.Next(256);
            try
            {
                IntegerNetworkFile.Parse(bytes);
            }
            catch (LowbitException refused)
            {
                Assert.DoesNotContain("\n", refused.Message);
                Assert.InRange(refused.Message.Length, 10, 400);
                continue;
            }
            Assert.Equal(1, i % 2);
        }
    }

    [Fact]
    public void What_is_not_there_or_no_file_is_told()
    {
        Assert.Equal($"{path} cannot be read: it is not there", Assert.Throws<LowbitException>(() => IntegerNetworkFile.Read(path)).Message);
        string folder = Path.GetTempPath();
        Assert.Equal($"{folder} cannot be read: it is a folder", Assert.Throws<LowbitException>(() => IntegerNetworkFile.Read(folder)).Message);
    }

    /// <summary>Networks that grow from little: a window of many pixels, features of features.</summary>
    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_small_file_cannot_ask_for_much_memory()
    {
        var flat = new StringBuilder("""{"format":"lowbit integer network","version":1,"image":{"name":"x","shape":{"channels":1,"height":2048,"width":2048}},"nodes":[""");
        for (int i = 0; i < 30; i++) flat.Append($$"""{"op":"flatten","name":"f{{i}}","from":"{{(i == 0 ? "x" : $"f{i - 1}")}}"},""");
        flat.Length--;
        flat.Append("""],"logits":{"from":"f29","scales":[],"offsets":[]}}""");
        Assert.Equal("f3: the values up to here have more than 16777216 channels", Assert.Throws<LowbitException>(() => IntegerNetworkFile.Parse(Encoding.UTF8.GetBytes(flat.ToString()))).Message);
    }

    static string Text(IntegerNetwork network)
    {
        using var memory = new MemoryStream();
        IntegerNetworkFile.Write(network, memory);
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    static string Written()
    {
        using var trained = new TrainedLike(Blocks.Network("conv, norm, relu", 4, perChannel: true), seed: 2);
        return Text(IntegerForm.Of(trained.Network));
    }

    public void Dispose() => File.Delete(path);
}
