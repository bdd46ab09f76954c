using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Inspection;
using Lowbit.Training;
using Onnx;
using Xunit;
using static TorchSharp.torch;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>Whatever has become of a file, it is told in one sentence, soon, and without taking the memory.</summary>
public sealed class DamagedFileTests : IDisposable
{
    const long MemoryBound = 1L << 30;
    static readonly TimeSpan TimeBound = TimeSpan.FromSeconds(10);

    readonly string model = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");
    readonly string vectors = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.safetensors");

    public void Dispose()
    {
        File.Delete(model);
        File.Delete(vectors);
    }

    static readonly Dictionary<string, Action<ModelProto>> Damages = new()
    {
        ["no graph"] = m => m.Graph = null,
        ["no nodes"] = m => m.Graph.Node.Clear(),
        ["no input"] = m => m.Graph.Input.Clear(),
        ["two inputs"] = m => m.Graph.Input.Add(new ValueInfoProto { Name = "other" }),
        ["no output"] = m => m.Graph.Output.Clear(),
        ["an output that no node makes"] = m => m.Graph.Output[0].Name = "nowhere",
        ["an opset of the future"] = m => m.OpsetImport[0].Version = 1000,
        ["a negative opset"] = m => m.OpsetImport[0].Version = -3,
        ["an opset too old"] = m => m.OpsetImport[0].Version = 1,
        ["a missing initializer"] = m => m.Graph.Initializer.RemoveAt(0),
        ["an initializer without a name"] = m => m.Graph.Initializer[0].Name = "",
        ["a node that reads what it makes"] = m => m.Graph.Node[0].Input[0] = m.Graph.Node[0].Output[0],
        ["a circle of nodes"] = m => m.Graph.Node[0].Input[0] = m.Graph.Node[^1].Output[0],
        ["a tensor made twice"] = m => m.Graph.Node[1].Output[0] = m.Graph.Node[0].Output[0],
        ["an operator that is not known"] = m => m.Graph.Node[0].OpType = "Convolve",
        ["a domain that is not known"] = m => m.Graph.Node[0].Domain = "com.example",
        ["an empty operator"] = m => m.Graph.Node[0].OpType = "",
        ["a node without inputs"] = m => m.Graph.Node[0].Input.Clear(),
        ["a node without outputs"] = m => m.Graph.Node[0].Output.Clear(),
        ["an input of another size"] = m => Size(m, 1).DimValue = 7,
        ["an input larger than memory"] = m => Size(m, 2).DimValue = long.MaxValue,
        ["an input of all the memory"] = m => Size(m, 2).DimValue = 1 << 28,
        ["an enormous batch"] = m => Size(m, 0).DimValue = int.MaxValue,
        ["an input without a shape"] = m => m.Graph.Input[0].Type = null,
        ["a huge dimension of a weight"] = m => m.Graph.Initializer[0].Dims[0] = 1L << 40,
        ["dimensions whose product overflows"] = m => m.Graph.Initializer[0].Dims.Add([1L << 31, 1L << 31, 1L << 31]),
        ["a negative dimension of a weight"] = m => m.Graph.Initializer[0].Dims[0] = -4,
        ["a thousand dimensions"] = m => m.Graph.Initializer[0].Dims.Add(Enumerable.Repeat(1L, 1000)),
        ["a weight without data"] = m => m.Graph.Initializer[0].RawData = ByteString.Empty,
        ["a weight with too little data"] = m => m.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[5]),
        ["a weight with too much data"] = m => m.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[5000]),
        ["a weight in another file"] = m => m.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External,
        ["a weight of strings"] = m => m.Graph.Initializer[0].DataType = (int)ElementType.String,
        ["a weight of complex numbers"] = m => m.Graph.Initializer[0].DataType = (int)ElementType.Complex64,
        ["a weight of no type"] = m => m.Graph.Initializer[0].DataType = 12345,
        ["a weight of another rank"] = m => m.Graph.Initializer[0].Dims.Add(1),
        ["a kernel_shape that is not the weights'"] = m => Ints(m, "kernel_shape", 5, 5),
        ["strides of zero"] = m => Ints(m, "strides", 0, 0),
        ["strides of one number"] = m => Ints(m, "strides", 1),
        ["negative pads"] = m => Ints(m, "pads", -1, -1, -1, -1),
        ["enormous pads"] = m => Ints(m, "pads", 1 << 30, 1 << 30, 1 << 30, 1 << 30),
        ["enormous dilations"] = m => Ints(m, "dilations", int.MaxValue, int.MaxValue),
        ["a group of zero"] = m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "group", I = 0, Type = AttributeProto.Types.AttributeType.Int }),
        ["an unknown auto_pad"] = m => m.Graph.Node[0].Attribute.Add(
            new AttributeProto { Name = "auto_pad", S = ByteString.CopyFromUtf8("SOME"), Type = AttributeProto.Types.AttributeType.String }),
        ["a bias of another length"] = m => m.Graph.Initializer[1].Dims[0] = 1,
        ["a shape of which nothing is left"] = m => m.Graph.Initializer[2].Int64Data[1] = 77,
    };

    /// <summary>Some writers say -1 for what is open; the images then have the sizes that they have.</summary>
    [Fact]
    public void A_negative_size_is_an_open_one()
    {
        var proto = Small(quantized: true);
        Size(proto, 2).DimValue = -1;
        File.WriteAllBytes(model, proto.ToByteArray());
        WriteVectors();
        Verify();
        Assert.Contains("--image-shape", Assert.Throws<LowbitException>(() => OnnxInspection.Of(model)).Message);
    }

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string damage in Damages.Keys)
                foreach (bool quantized in new[] { true, false }) cases.Add(damage, quantized);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Damage_is_told_in_a_sentence(string damage, bool quantized)
    {
        var proto = Small(quantized);
        Damages[damage](proto);
        File.WriteAllBytes(model, proto.ToByteArray());
        WriteVectors();
        AssertToldSoon(() => OnnxInspection.Of(model), mustFail: damage is not "an input without a shape");
        AssertToldSoon(Verify, mustFail: damage is not "an input without a shape");
        AssertToldSoon(Evaluate, mustFail: damage is not "an input without a shape");
    }

    [Fact]
    public void A_file_that_ends_early_is_told_wherever_it_ends()
    {
        byte[] whole = Small(quantized: true).ToByteArray();
        WriteVectors();
        for (int length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 60))
        {
            File.WriteAllBytes(model, whole[..length]);
            AssertToldSoon(() => OnnxInspection.Of(model), mustFail: true);
            AssertToldSoon(Evaluate, mustFail: true);
        }
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_with_a_flipped_bit_is_run_or_told(bool quantized)
    {
        byte[] whole = Small(quantized).ToByteArray();
        WriteVectors();
        var clock = Stopwatch.StartNew();
        int tried = 0;
        // 7919 is prime to the file's length in bits: the whole file is reached, evenly.
        for (int i = 0; i < 400 && clock.Elapsed < TimeSpan.FromSeconds(4); i++, tried++)
        {
            int bit = i * 7919 % (whole.Length * 8);
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(model, flipped);
            AssertToldSoon(() => OnnxInspection.Of(model), mustFail: false, $"bit {bit}");
            AssertToldSoon(Verify, mustFail: false, $"bit {bit}");
            AssertToldSoon(Evaluate, mustFail: false, $"bit {bit}");
        }
        Assert.True(tried > 20, $"only {tried} bits were tried");
    }

    public static TheoryData<string> Vectors => [
        "", "short", "{\"x\":", "null", "[]", "{}", "{\"x\":null}", "{\"x\":{}}",
        Header("F99", "[2]", "[0,8]"), Header("F32", "[2]", "[0,4]"), Header("F32", "[-2]", "[0,8]"), Header("F32", "[2]", "[-8,0]"),
        Header("F32", "[4611686018427387904,4]", "[0,8]"), Header("F32", "[1099511627776]", "[0,4398046511104]"),
        Header("F32", "[2]", "[8,0]"), Header("F32", "2", "[0,8]"), Header("F32", "[\"2\"]", "[0,8]"), Header("F32", "[2.5]", "[0,8]"),
        Header("F32", "[2]", "[0]"), Header("F32", "[2]", "[9223372036854775800,9223372036854775808]"), Header("F32", "[]", "[0,4]")];

    [Theory, MemberData(nameof(Vectors))]
    public void Damaged_test_vectors_are_told_in_a_sentence(string header)
    {
        File.WriteAllBytes(model, Small(quantized: true).ToByteArray());
        byte[] json = Encoding.UTF8.GetBytes(header), file = new byte[8 + json.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        File.WriteAllBytes(vectors, header is "short" ? file[..5] : file);
        AssertToldSoon(Verify, mustFail: true);
    }

    static string Header(string type, string shape, string offsets) => "{\"x\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";

    void Verify()
    {
        using var network = OnnxNetwork.Load(model);
        TestVectorComparison.Of(network, vectors);
    }

    /// <summary>What <c>lowbit eval</c> does with the file, for a dataset of two images.</summary>
    void Evaluate()
    {
        using var scope = NewDisposeScope();
        using var network = OnnxNetwork.Load(model);
        var images = new DatasetInfo("two images", Channels: 2, Height: 6, Width: 6, ["a", "b", "c"], Mean: [0, 0], Std: [1, 1]);
        network.Evaluate([new(0, ones([2, 2, 6, 6], uint8), zeros([2], int64))], images, Losses.Create(new()));
    }

    void WriteVectors()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(vectors, [("x", ones(2, 2, 6, 6)), ("eval_logits", ones(2, 3))]);
    }

    static void AssertToldSoon(Action read, bool mustFail, string where = "")
    {
        long before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        var problem = Record.Exception(read);
        Assert.True(clock.Elapsed < TimeBound, $"{where} took {clock.Elapsed}");
        Assert.True(GC.GetTotalAllocatedBytes() - before < MemoryBound, $"{where} took {(GC.GetTotalAllocatedBytes() - before) >> 20} MiB");
        if (problem is null) Assert.False(mustFail, "nothing was said");
        else
        {
            Assert.True(problem is LowbitException, $"{where}: {problem}");
            Assert.DoesNotContain('\n', problem.Message);
            Assert.NotEmpty(problem.Message);
        }
    }

    static TensorShapeProto.Types.Dimension Size(ModelProto m, int axis) => m.Graph.Input[0].Type.TensorType.Shape.Dim[axis];

    static void Ints(ModelProto m, string name, params int[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values.Select(value => (long)value));
        m.Graph.Node[0].Attribute.Add(attribute);
    }

    /// <summary>A convolution with bias, a reshape and a linear layer, whole; with a quantizer of QONNX between, or one of the standard.</summary>
    static ModelProto Small(bool quantized)
    {
        using var file = new OnnxFile([1, 2, 6, 6], opset: 13);
        var weights = new TensorProto { Name = "w", DataType = (int)ElementType.Float, RawData = ByteString.CopyFrom(new byte[3 * 2 * 3 * 3 * 4]) };
        weights.Dims.AddRange([3, 2, 3, 3]);
        file.Model.Graph.Initializer.Add(weights);
        file.Constant("b", [3], 1, 2, 3).Integers("shape", ElementType.Int64, [2], 1, 48).Constant("s", [], 0.5f).Constant("m", [48, 3], new float[144]);
        file.Node("Conv", "x w b", "c");
        if (quantized)
            file.Constant("z", [], 0).Constant("bits", [], 4).Node("Quant", "c s z bits", "q", "qonnx.custom_op.general", ("signed", 1), ("narrow", 0));
        else
            file.Integers("z", ElementType.Int8, [], 0).Node("QuantizeLinear", "c s z", "i").Node("DequantizeLinear", "i s z", "q");
        file.Node("Reshape", "q shape", "r").Node("MatMul", "r m", "y").Save();
        return file.Model;
    }
}
