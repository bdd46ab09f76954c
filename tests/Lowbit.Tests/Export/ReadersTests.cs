using Google.Protobuf;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Export.Writing;
using Lowbit.Graphs;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>The real readers take our files whole, and compute our logits.</summary>
[Trait("Category", "Readers")]
public sealed class ReadersTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    string Vectors => Path.ChangeExtension(path, ".safetensors");

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData("quant_cnv", "scheme: bnn_pynq, weight_bit_width: 1, act_bit_width: 1")]
    [InlineData("quant_cnv", "weight_bit_width: 2, act_bit_width: 2, weight_quantizer: mean_abs")]
    public void FINN_takes_a_trained_network_whole_and_gives_its_logits(string model, string quantization) => FinnTakes(model, quantization);

    /// <summary>Adds, shortcuts and 8-bit activations, which take FINN minutes in the networks of the zoo.</summary>
    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(ResidualForm.Relu, 8)]
    [InlineData(ResidualForm.Signed, 4)]
    public void FINN_takes_a_small_residual_network_whole_and_gives_its_logits(ResidualForm residual, int activationBits)
    {
        Readers.SkipIfAbsent();
        using var trained = SmallResidualNetwork(residual, WeightScale.MaxAbs, ActivationScale.Learned, activationBits);
        FinnTakes(trained);
    }

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData("quant_cnv", "weight_bit_width: 4, act_bit_width: 8")]
    [InlineData("quant_vgg11", "weight_bit_width: 8, act_bit_width: 8")]
    [InlineData("quant_resnet20", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_resnet20", "weight_bit_width: 2, act_bit_width: 3, weight_quantizer: mean_abs")]
    [InlineData("quant_resnet20", "weight_bit_width: 4, act_bit_width: 4, residual: signed")]
    [InlineData("quant_resnet20", "weight_bit_width: 2, act_bit_width: 4, residual: signed")]
    [InlineData("quant_mobilenetv1", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_mobilenetv2", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_resnet18", "weight_bit_width: 4, act_bit_width: 4", 6)]   // after four steps a corner of the background, the same in all images, lies on a rounding tie
    [InlineData("quant_resnet18", "weight_bit_width: 4, act_bit_width: 4, residual: signed", 6)]
    public void FINN_takes_a_deeper_network_whole_and_gives_its_logits(string model, string quantization, int steps = 4) => FinnTakes(model, quantization, steps);

    void FinnTakes(string model, string quantization, int steps = 4)
    {
        Readers.SkipIfAbsent();
        using var trained = TrainedNetwork.Of($"name: {model}", quantization, imageSize: 32, steps: steps, images: 256);
        FinnTakes(trained);
    }

    void FinnTakes(TrainedNetwork trained)
    {
        OnnxExport.Write(trained.Network, path, new() { Target = ExportTarget.Finn });
        WriteVectors(trained, ExportInput.Pixels);

        var (exitCode, output) = Readers.Check(path, Vectors);

        Assert.True(exitCode == 0, output);
    }

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData("weight_bit_width: 4, act_bit_width: 4, weight_quantizer: shifted")]
    [InlineData("weight_bit_width: 4, act_bit_width: 4, act_quantizer: shifted")]
    [InlineData("weight_bit_width: 4, act_bit_width: 4, in_bit_width: 1")]
    public void What_our_check_refuses_FINN_refuses(string quantization)
    {
        Readers.SkipIfAbsent();
        using var trained = TrainedNetwork.Of("name: quant_resnet20", quantization, imageSize: 8, images: 16);
        var options = new ExportOptions { Target = ExportTarget.Finn };
        Assert.Throws<LowbitException>(() => OnnxExport.Write(trained.Network, path, options));
        File.WriteAllBytes(path, NetworkWriter.Write(trained.Network, options).ToByteArray());

        Assert.NotEqual(0, Readers.Check(path).ExitCode);
    }

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void The_simulation_of_hls4ml_computes_quant_cnv_to_the_last_bit()
    {
        Readers.SkipIfAbsent();
        using var trained = TrainedNetwork.Of("name: quant_cnv",
            "weight_bit_width: 2, act_bit_width: 2, weight_quantizer: power_of_two, act_quantizer: power_of_two", imageSize: 32, images: 360);
        SimulatesToTheLastBit(trained);
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(ResidualForm.Relu)]
    [InlineData(ResidualForm.Signed)]
    public void The_simulation_of_hls4ml_computes_a_small_residual_network_to_the_last_bit(ResidualForm residual)
    {
        Readers.SkipIfAbsent();
        using var trained = SmallResidualNetwork(residual, WeightScale.PowerOfTwo, ActivationScale.PowerOfTwo, activationBits: 4);
        SimulatesToTheLastBit(trained);
    }

    static TrainedNetwork SmallResidualNetwork(ResidualForm residual, WeightScale weightScale, ActivationScale activationScale, int activationBits) => TrainedNetwork.Of(
        images => SmallResidualNetwork(images, new()
        {
            WeightBitWidth = 4,
            ActivationBitWidth = activationBits,
            WeightScale = weightScale,
            ActivationScale = activationScale,
            CollectStatisticsSteps = 2,
            Residual = residual,
            ResidualBitWidth = residual == ResidualForm.Relu ? null : 8,   // unsigned streams at powers of two lie on the ties of the quantizers after them
        }),
        new() { Name = "digits", ImageSize = 8, NumWorkers = 1, Augment = false }, steps: 4, images: 256);

    static Graph SmallResidualNetwork(DatasetInfo images, QuantizationSpec quantization)
    {
        GraphBuilder x = new GraphBuilder(images.Shape).Normalize(mean: [127.5], std: [127.5]).ConvBnRelu(8, kernel: 3);
        x = x.Conv(8, kernel: 3).BatchNorm().Add(x).Relu();
        x = x.ConvBnRelu(16, kernel: 3, stride: 2).Conv(16, kernel: 3).BatchNorm().Add(x.Conv(16, kernel: 1, stride: 2).BatchNorm()).Relu();
        return x.GlobalAveragePool().Linear(images.Classes.Count).ToGraph().Quantize(quantization);
    }

    /// <summary>Images are normalized before: hls4ml divides in fixed point.</summary>
    void SimulatesToTheLastBit(TrainedNetwork trained)
    {
        OnnxExport.Write(trained.Network, path, new() { Target = ExportTarget.Hls4ml, Input = ExportInput.Normalized });
        WriteVectors(trained, ExportInput.Normalized);

        Assert.Contains("logits rel 0.00e+00 same top-1 4 of 4", Readers.Check("--simulate", path, Vectors).Output, StringComparison.Ordinal);
    }

    void WriteVectors(TrainedNetwork trained, ExportInput input)
    {
        using var batch = new Batch(0, trained.Images.clone(), trained.Labels.clone());
        TestVectors.Write(trained.Network, Vectors, input, batch, count: 4);
    }

    public void Dispose()
    {
        File.Delete(path);
        File.Delete(Vectors);
    }
}
