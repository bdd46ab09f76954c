using Google.Protobuf;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Export.Verification;
using Lowbit.Export.Writing;
using Xunit;

namespace Lowbit.Tests.Export;

/// <summary>The real readers take our files whole, and compute our logits.</summary>
[Trait("Category", "Readers")]
public sealed class ReadersTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}.onnx");

    string Vectors => Path.ChangeExtension(path, ".safetensors");

    [Theory(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    [InlineData("quant_cnv", "scheme: bnn_pynq, weight_bit_width: 1, act_bit_width: 1")]
    [InlineData("quant_cnv", "weight_bit_width: 2, act_bit_width: 2, weight_quantizer: mean_abs")]
    [InlineData("quant_cnv", "weight_bit_width: 4, act_bit_width: 8")]
    [InlineData("quant_resnet20", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_resnet20", "weight_bit_width: 2, act_bit_width: 3, weight_quantizer: mean_abs")]
    [InlineData("quant_mobilenetv1", "weight_bit_width: 4, act_bit_width: 4")]
    [InlineData("quant_vgg11", "weight_bit_width: 8, act_bit_width: 8")]
    [InlineData("quant_resnet18", "weight_bit_width: 4, act_bit_width: 4")]
    public void FINN_takes_a_trained_network_whole_and_gives_its_logits(string model, string quantization)
    {
        Readers.SkipIfAbsent();
        using var trained = TrainedNetwork.Of($"name: {model}", quantization, imageSize: 32, images: 16);
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
