using Lowbit.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Networks of every family and bit width, trained for a few steps, leave as files that give their logits, in each format.</summary>
public sealed class VerifiedExportTests : IDisposable
{
    const int Images = 12;

    /// <summary>Each with the bit widths, by their place among all, that the gate tries of it: together all of them.</summary>
    static readonly (string Model, int Size, int[] InTheGate)[] LargeFamilies =
    [
        ("name: quant_cnv", 32, [3, 4, 5, 6]), ("name: quant_resnet18", 8, [1, 7]), ("name: quant_vgg11", 32, [0, 2]),
    ];

    static readonly (string Model, int Size)[] SmallFamilies = [("name: quant_resnet20", 8), ("name: quant_mobilenetv1, width: 0.25", 16)];

    static readonly string[] Bits =
    [
        "weight_bit_width: 1, act_bit_width: 1, in_weight_bit_width: 1, out_weight_bit_width: 1, act_percentile: 90",
        "weight_bit_width: 2, act_bit_width: 2, per_channel: false, weight_quantizer: mean_abs",
        "weight_bit_width: 3, act_bit_width: 3, bias_bit_width: 8",
        "weight_bit_width: 4, act_bit_width: 4, weight_quantizer: power_of_two, act_quantizer: power_of_two",
        "weight_bit_width: 4, act_bit_width: 4, weight_quantizer: learned_mse",
        "weight_bit_width: 3, act_bit_width: 4, weight_quantizer: decoupled, per_channel: false",
        "weight_bit_width: 8, act_bit_width: 8, bias_bit_width: null, act_quantizer: learned_log",
        "weight_bit_width: 2, act_bit_width: 5, in_bit_width: 6, out_weight_bit_width: 4, act_quantizer: shifted, weight_quantizer: shifted",
    ];

    /// <summary>How many of these run outside of the gate, too.</summary>
    const int AlwaysRun = 3;

    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    public static IEnumerable<TheoryDataRow<string, int, string>> SmallCases =>
        SmallFamilies.SelectMany(family => Bits.Select((bits, i) => i < AlwaysRun
            ? new TheoryDataRow<string, int, string>(family.Model, family.Size, bits)
            : new(family.Model, family.Size, bits) { Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests) }));

    public static IEnumerable<TheoryDataRow<string, int, string>> LargeCases =>
    [
        .. Large((family, bits) => family.InTheGate.Contains(bits)),
        .. new[] { "weight_bit_width: 1, act_bit_width: 1", "weight_bit_width: 3, act_bit_width: 2", "weight_bit_width: 4, act_bit_width: 8" }
            .Select(bits => new TheoryDataRow<string, int, string>("name: quant_cnv", 32, $"scheme: bnn_pynq, {bits}")),
    ];

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests)), MemberData(nameof(SmallCases))]
    public void A_small_trained_network_keeps_its_logits(string model, int imageSize, string bits) => KeepsItsLogits(model, imageSize, bits);

    public static IEnumerable<TheoryDataRow<string, int, string>> OtherLargeCases => Large((family, bits) => !family.InTheGate.Contains(bits));

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests)), MemberData(nameof(LargeCases)), Trait("Category", "Long")]
    public void A_large_trained_network_keeps_its_logits(string model, int imageSize, string bits) => KeepsItsLogits(model, imageSize, bits);

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests)), MemberData(nameof(OtherLargeCases)), Trait("Category", "Long")]
    public void So_does_one_of_any_other_bit_width(string model, int imageSize, string bits) => KeepsItsLogits(model, imageSize, bits);

    [Theory, InlineData("name: resnet20", 8), InlineData("name: mobilenetv1, width: 0.25", 16)]
    public void A_float_network_becomes_plain_ONNX(string model, int imageSize)
    {
        using var trained = TrainedNetwork.Of(model, quantization: null, imageSize, images: Images);
        ExportReport report = OnnxExport.WriteVerified(trained.Network, path, new(), trained.Images);

        Assert.All(report.Runs, run => Assert.Equal(0, run.Ties));
        Assert.All(OnnxModel.Read(path).Proto.OpsetImport, import => Assert.Equal("", import.Domain));
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("weight_bit_width: 4, act_bit_width: 4", 21)]
    [InlineData("weight_bit_width: 8, act_bit_width: 4", 13)]
    public void Standard_ONNX_takes_the_newer_opset_only_where_4_bit_integers_make_it_smaller(string bits, int opset)
    {
        using var trained = TrainedNetwork.Of("name: quant_resnet20", bits, 8, images: Images);
        var options = new ExportOptions { Format = ExportFormat.Qcdq, BatchNorm = BatchNormForm.Keep };
        OnnxExport.Write(trained.Network, path, options);
        long bytes = new FileInfo(path).Length;
        Assert.Equal(opset, OnnxModel.Read(path).Opset);

        OnnxExport.WriteVerified(trained.Network, path, options with { Opset = 13 }, trained.Images);
        if (opset == 13) Assert.Equal(bytes, new FileInfo(path).Length);
        else Assert.InRange(bytes, 1, new FileInfo(path).Length * 0.75);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_file_may_take_normalized_images_and_several_at_a_time()
    {
        using var trained = TrainedNetwork.Of("name: quant_resnet20", "weight_bit_width: 4, act_bit_width: 4", 8, images: Images);
        foreach (ExportFormat format in Enum.GetValues<ExportFormat>())
            Assert.Equal(Images, OnnxExport.WriteVerified(trained.Network, path, new() { Format = format, Input = ExportInput.Normalized, Batch = 5 }, trained.Images).Images);
    }

    static IEnumerable<TheoryDataRow<string, int, string>> Large(Func<(string Model, int Size, int[] InTheGate), int, bool> isWanted) =>
        from family in LargeFamilies
        from bits in Enumerable.Range(0, Bits.Length)
        where isWanted(family, bits)
        select new TheoryDataRow<string, int, string>(family.Model, family.Size, Bits[bits]);

    void KeepsItsLogits(string model, int imageSize, string bits)
    {
        int steps = bits.StartsWith("weight_bit_width: 1", StringComparison.Ordinal) ? 32 : 8;   // after 8 some networks of 1 bit have the same logits for every image
        using var trained = TrainedNetwork.Of(model, bits, imageSize, steps, images: Images);
        using (var scope = NewDisposeScope())
        using (var _ = no_grad())
            Assert.True(trained.Network.forward(trained.Images).std(0).max().item<float>() > 0, "the network gives every image the same logits");
        ExportReport qonnx = OnnxExport.WriteVerified(trained.Network, path, new() { Batch = null }, trained.Images);
        ExportReport qcdq = OnnxExport.WriteVerified(trained.Network, path, new() { Format = ExportFormat.Qcdq, BatchNorm = BatchNormForm.Keep, Batch = null }, trained.Images);

        Assert.Equal((Images, Images), (qonnx.Images, qcdq.Images));
        Assert.Equal(["the network in float32", "ONNX Runtime without graph optimizations", "ONNX Runtime with graph optimizations"], qcdq.Runs.Select(run => run.Name));
    }

    public void Dispose() => File.Delete(path);
}
