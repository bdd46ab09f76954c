using Lowbit.Data;
using Lowbit.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Pixels of 51 and 255, for a dataset whose mean is half of white and whose deviation is a quarter.</summary>
public sealed class PixelScalingTests : IDisposable
{
    static readonly DatasetInfo Data = new("two pixels", Channels: 1, Height: 1, Width: 2, ["a", "b"], Mean: [0.5f], Std: [0.25f]);

    readonly OnnxFile file = new OnnxFile([1, 1, 1, 2]).Node("Flatten", "x", "y");

    [Theory]
    [InlineData(PixelScaling.Automatic, 51, 255)]
    [InlineData(PixelScaling.Pixels, 51, 255)]
    [InlineData(PixelScaling.Unit, 0.2, 1)]
    [InlineData(PixelScaling.Normalized, -1.2, 2)]
    public void A_file_that_says_nothing_gets_what_is_asked_for(PixelScaling scaling, double first, double second) =>
        Assert.Equal([first, second], Scaled(scaling));

    [Theory]
    [InlineData("pixels", 51, 255)]
    [InlineData("normalized", 0, 2)]
    public void A_file_that_says_what_it_takes_gets_that_by_its_own_constants(string input, double first, double second)
    {
        Say(("input", input), ("normalization_mean", "[51]"), ("normalization_deviation", "[102]"));

        Assert.Equal([first, second], Scaled(PixelScaling.Automatic));
        Assert.Equal([0.2, 1], Scaled(PixelScaling.Unit));
    }

    [Theory]
    [InlineData("[51, 52, 53]")]
    [InlineData("51")]
    public void Constants_that_do_not_fit_the_images_are_refused(string mean)
    {
        Say(("normalization_mean", mean));

        var refusal = Assert.Throws<LowbitException>(() => Scaled(PixelScaling.Normalized));
        Assert.Equal($"{file.Path}: its metadata normalization_mean is {mean}; a list of 1 numbers is expected", refusal.Message);
    }

    void Say(params (string Key, string Value)[] metadata) =>
        file.Model.MetadataProps.AddRange(metadata.Select(entry => new Onnx.StringStringEntryProto { Key = entry.Key, Value = entry.Value }));

    double[] Scaled(PixelScaling scaling)
    {
        using var scope = NewDisposeScope();
        Tensor pixels = tensor(new byte[] { 51, 255 }).view(1, 1, 1, 2);
        return [.. PixelScalings.Create(scaling, OnnxModel.Read(file.Save()), Data)(pixels).to(float64).data<double>().ToArray().Select(value => Math.Round(value, 6))];
    }

    public void Dispose() => file.Dispose();
}
