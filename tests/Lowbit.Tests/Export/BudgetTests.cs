using System.Diagnostics;
using Lowbit.Export;
using Lowbit.Export.Inspection;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Networks;
using Xunit;
using static TorchSharp.torch;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>A few bytes that ask for gigabytes or minutes are refused before either is taken.</summary>
public class BudgetTests
{
    static readonly Dictionary<string, Action<OnnxFile>> Bombs = new()
    {
        ["chained ConstantOfShape and Expand"] = file =>
        {
            file.Integers("n", ElementType.Int64, [2], 1 << 13, 1 << 13).Node("ConstantOfShape", "n", "c0");
            for (int i = 0; i < 12; i++) file.Constant($"k{i}", [], i).Node("Add", $"c{i} k{i}", $"c{i + 1}").Node("ReduceMax", $"c{i}", $"m{i}");
            file.Node("ReduceMax", "c12", "m").Node("Sum", "x m " + string.Join(' ', Enumerable.Range(0, 12).Select(i => $"m{i}")));
        },
        ["Expand"] = file => file.Integers("n", ElementType.Int64, [4], 1 << 15, 1, 1 << 8, 1 << 8).Node("Expand", "x n").Node("ReduceMax", "t0"),
        ["a size beyond 32 bits"] = file => file.Integers("n", ElementType.Int64, [1], (1L << 32) + 5).Node("ConstantOfShape", "n").Node("ReduceMax", "t0").Node("Add", "x t1"),
        ["a pool window of millions"] = file => file.Node("AveragePool", "x", attributes: [("kernel_shape", new[] { 30_000, 30_000 }), ("pads", new[] { 29_999, 29_999, 29_999, 29_999 })]),
        ["Conv pads"] = file => file.Constant("w", [64, 1, 1, 1], new float[64])
            .Node("Conv", "x w", attributes: ("pads", new[] { 8000, 8000, 8000, 8000 })).Node("GlobalMaxPool", "t0"),
        ["Pad"] = file => file.Integers("p", ElementType.Int64, [8], 0, 0, 30_000, 30_000, 0, 0, 30_000, 30_000).Node("Pad", "x p").Node("ReduceMax", "t0"),
        ["Tile"] = file => file.Integers("r", ElementType.Int64, [4], 1, 1, 10_000, 10_000).Node("Tile", "x r").Node("ReduceMax", "t0"),
        ["Range"] = file => file.Constant("a", [], 0).Constant("b", [], 1e9f).Constant("d", [], 0.1f).Node("Range", "a b d").Node("ReduceMax", "t0").Node("Add", "x t1"),
        ["Gather"] = file => file.Integers("n", ElementType.Int64, [1], 1 << 20).Integers("one", ElementType.Int64, [1], 0).Node("Expand", "one n", "i")
            .Node("Gather", "x i", "g", "", ("axis", 2)).Node("Gather", "g i", "h", "", ("axis", 3)).Node("ReduceMax", "h"),
        ["Resize"] = file => file.Constant("s", [4], 1, 1, 8000, 8000).Node("Resize", "x _ s").Node("ReduceMax", "t0"),
        ["a product of large matrices"] = file => file.Integers("n", ElementType.Int64, [2], 1 << 13, 1 << 13).Node("ConstantOfShape", "n", "c")
            .Node("MatMul", "c c", "p").Node("MatMul", "p c", "q").Node("ReduceMax", "q", "m").Node("Add", "x m"),
        ["Concat that doubles"] = file =>
        {
            file.Node("Concat", "x x", "c0", "", ("axis", 1));
            for (int i = 0; i < 40; i++) file.Node("Concat", $"c{i} c{i}", $"c{i + 1}", "", ("axis", 1));
            file.Node("ReduceMax", "c40");
        },
        ["an outer sum"] = file => file.Integers("a", ElementType.Int64, [2], 1, 1 << 15).Integers("b", ElementType.Int64, [2], 1 << 15, 1)
            .Node("ConstantOfShape", "a", "row").Node("ConstantOfShape", "b", "column").Node("Add", "row column", "s").Node("Mul", "s s", "s2").Node("ReduceMax", "s2", "m").Node("Add", "x m"),
    };

    public static TheoryData<string, OnnxEngine> Cases =>
        [.. Bombs.Keys.SelectMany(name => new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime, OnnxEngine.OnnxRuntimePlain }.Select(engine => (name, engine)))];

    /// <summary>The budget is a small one, so that a test that fails does not take the machine with it.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Gigabytes_are_refused_before_they_are_taken(string bomb, OnnxEngine engine)
    {
        using var file = new OnnxFile([1, 1, 4, 4]);
        Bombs[bomb](file);
        file.Save();
        long before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        var problem = Assert.ThrowsAny<LowbitException>(() => Run(file, new() { Engine = engine, Budget = new() { Memory = 1L << 28, Operations = 1e10 } }));
        Assert.DoesNotContain('\n', problem.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"it took {clock.Elapsed}");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 1L << 30);
    }

    [Theory]
    [InlineData(OnnxEngine.Interpreter)]
    [InlineData(OnnxEngine.OnnxRuntime)]
    public void A_batch_of_100000_is_counted_whole(OnnxEngine engine)
    {
        using var file = new OnnxFile([100_000, 1, 4, 4]);
        file.Constant("w", [32, 1, 1, 1], new float[32]).Node("Conv", "x w").Node("GlobalMaxPool", "t0").Node("Flatten", "t1");
        file.Save();
        Assert.Contains("--max-memory", Assert.ThrowsAny<LowbitException>(() => Run(file, new() { Engine = engine, Budget = new() { Memory = 1L << 27 } })).Message);
    }

    [Theory]
    [InlineData(OnnxEngine.Interpreter)]
    [InlineData(OnnxEngine.OnnxRuntime)]
    public void Tensors_count_until_their_last_reader_is_done(OnnxEngine engine)
    {
        using var file = new OnnxFile([1, 1, 512, 512]);
        file.Node("Neg", "x", "t0");
        for (int i = 0; i < 50; i++) file.Node("Neg", $"t{i}", $"t{i + 1}");
        file.Node("GlobalMaxPool", "t50").Node("Flatten", "t51", "y").Save();
        OnnxRunOptions Allowing(double tensors) => new() { Engine = engine, Budget = new() { Memory = (long)(tensors * 512 * 512 * (engine == OnnxEngine.Interpreter ? 8 : 4)) } };
        using var scope = NewDisposeScope();
        Run(file, Allowing(3.5));
        Assert.Contains("memory", Assert.ThrowsAny<LowbitException>(() => Run(file, Allowing(1.5))).Message);
    }

    [Fact]
    public void A_byte_too_many_does_not_read_as_what_is_allowed() =>
        Assert.StartsWith("it needs 4.1 GiB of memory at a time, where 4 GiB are allowed", OnnxBudget.Default.TooMuchMemory((4L << 30) + 1).Message);

    [Theory]
    [InlineData(OnnxEngine.Interpreter)]
    [InlineData(OnnxEngine.OnnxRuntime)]
    public void A_larger_budget_is_used(OnnxEngine engine)
    {
        using var file = new OnnxFile([1, 64]);
        file.Constant("w", [64, 10], new float[640]).Node("MatMul", "x w").Save();
        OnnxRunOptions Allowing(double operations) => new() { Engine = engine, Budget = new() { Operations = operations } };
        Assert.Contains("--max-operations", Assert.ThrowsAny<LowbitException>(() => Run(file, Allowing(600))).Message);
        Run(file, Allowing(1e6));
    }

    /// <summary>The largest network of the zoo at the size of ImageNet's images, quantized, by the interpreter's ledger and by shapes.</summary>
    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void Resnet152_at_224_pixels_passes()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");
        try
        {
            using var scope = NewDisposeScope();
            foreach (var (name, format, engine) in new[] { ("quant_resnet152", ExportFormat.Qonnx, OnnxEngine.Interpreter), ("resnet152", ExportFormat.Qcdq, OnnxEngine.OnnxRuntime) })
            {
                using var network = new Network(ModelZoo.Build(new(name, new Shape(3, 224, 224), 1000), new()));
                network.train();
                using (no_grad()) network.forward(rand(1, 3, 224, 224));
                network.eval();
                OnnxExport.Write(network, path, new() { Format = format });
                Assert.True(OnnxInspection.Of(path).Summary.Macs > 1e10);
                using var file = OnnxNetwork.Load(path, engine);
                Assert.Equal([1, 1000], file.Run(rand(1, 3, 224, 224)).shape);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    static void Run(OnnxFile file, OnnxRunOptions options)
    {
        using var scope = NewDisposeScope();
        using var network = OnnxNetwork.Load(file.Path, options);
        var shape = file.Model.Graph.Input[0].Type.TensorType.Shape.Dim.Select(dim => dim.DimValue).ToArray();
        network.Run(ones([1, .. shape[1..]]));
    }
}
