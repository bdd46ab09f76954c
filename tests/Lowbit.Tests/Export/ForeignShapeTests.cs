using Lowbit.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Which shapes of images a file of others may take.</summary>
public sealed class ForeignShapeTests : WithForeignFiles
{
    [Theory, MemberData(nameof(AllEngines))]
    public void A_file_that_transposes_its_input_gets_its_channels_last(OnnxEngine engine)
    {
        using var first = new OnnxFile([0, 2, 3, 4]);
        first.Node("Flatten", "x", "y").Save();
        using var last = new OnnxFile([0, 3, 4, 2]);
        last.Constant("k", [], 1).Node("Mul", "x k", "m").Node("Transpose", "m", "t", "", ("perm", new[] { 0, 3, 1, 2 })).Node("Flatten", "t", "y").Save();
        Tensor images = tensor([.. Enumerable.Range(0, 48).Select(value => (float)value)]).reshape(2, 2, 3, 4);
        Assert.Equal(Run(first, engine, images), Run(last, engine, images));
    }

    [Theory]
    [InlineData(4, 16, 1)]
    [InlineData(8, 8, 1)]
    [InlineData(8, 1, 8)]
    [InlineData(64, 1, 1)]
    [InlineData(8, 8)]
    [InlineData(1, 64)]
    [InlineData(1, 1, 8, 8)]
    public void Another_shape_of_as_many_values_is_refused(params int[] shape)
    {
        foreach (var engine in Engines)
        {
            using var file = new OnnxFile([0, .. shape.Select(size => (long)size)]);
            file.Node("Flatten", "x", "y").Save();
            Assert.Contains("takes images of shape", Refusal(() => Run(file, engine, ones(1, 1, 8, 8))));
        }
    }
}
