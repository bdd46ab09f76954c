using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;
using Xunit;

namespace Lowbit.Tests.Graphs;

public class ShapeInferenceTests
{
    static GraphBuilder Image => new(new Shape(3, 32, 24));
    static GraphBuilder Features => new(Shape.Flat(100));

    [Theory]
    [InlineData(3, 1, null, "8x32x24")]
    [InlineData(3, 1, 0, "8x30x22")]
    [InlineData(3, 2, 1, "8x16x12")]
    [InlineData(7, 2, 3, "8x16x12")]
    [InlineData(1, 2, 0, "8x16x12")]
    [InlineData(2, 2, 0, "8x16x12")]
    [InlineData(5, 3, 0, "8x10x7")]
    public void A_convolution_slides_over_the_padded_image(int kernel, int stride, int? padding, string shape) =>
        Assert.Equal(shape, Image.Conv(8, kernel, stride, padding).Shape.ToString());

    [Fact]
    public void Pools_leave_channels_and_drop_what_does_not_fill_a_window()
    {
        Assert.Equal(new Shape(3, 10, 8), Image.MaxPool(3).Shape);
        Assert.Equal(new Shape(3, 16, 12), Image.MaxPool(3, stride: 2, padding: 1).Shape);
        Assert.Equal(new Shape(3, 6, 4), Image.AveragePool(5).Shape);
    }

    [Fact]
    public void Linear_layers_take_and_give_features()
    {
        Assert.Equal(Shape.Flat(3 * 32 * 24), Image.Flatten().Shape);
        Assert.Equal(Shape.Flat(10), Features.Linear(10).Shape);
        Assert.Equal(new Shape(3, 32, 24), Image.Normalize([1, 2, 3], [4, 5, 6]).BatchNorm().Relu().TensorNorm().Quantize(new(8)).Shape);
    }

    public static TheoryData<string, Func<GraphBuilder>> Impossible => new()
    {
        { "conv1 (conv): its window of 33x33 is larger than its input of 32 pixels with padding 0", () => Image.Conv(8, kernel: 33, padding: 0) },
        { "big (conv): its window of 31x31 is larger than its input of 24 pixels with padding 3", () => Image.Conv(8, kernel: 31, padding: 3, name: "big") },
        { "conv1 (conv): a window of 3x3 with stride 0 and padding 1 is not possible", () => Image.Conv(8, kernel: 3, stride: 0) },
        { "conv1 (conv): a window of 0x0 with stride 1 and padding 0 is not possible", () => Image.Conv(8, kernel: 0) },
        { "conv1 (conv): its 3 input and 8 output channels do not divide into 3 groups", () => Image.Conv(8, kernel: 3, groups: 3) },
        { "conv1 (conv): its 3 input and 8 output channels do not divide into 0 groups", () => Image.Conv(8, kernel: 3, groups: 0) },
        { "conv1 (conv): cannot have 0 output channels", () => Image.Conv(0, kernel: 3) },
        { "linear1 (linear): cannot have -1 output channels", () => Features.Linear(-1) },
        { "conv1 (conv): takes an image of channels x height x width, and its input input is a vector of 100 features", () => Features.Conv(8, kernel: 3) },
        { "pool1 (max pool): takes an image of channels x height x width, and its input input is a vector of 100 features", () => Features.MaxPool(2) },
        { "pool1 (max pool): its padding of 2 is more than half its window of 3x3", () => Image.MaxPool(3, padding: 2) },
        { "pool1 (average pool): its window of 25x25 is larger than its input of 24 pixels with padding 0", () => Image.AveragePool(25) },
        { "pool1 (average pool): 9 output bits are not possible; a mean is truncated to 1 to 8", () => Image.AveragePool(2, outputBitWidth: 9) },
        { "A global average pool takes a square image, and input is 3x32x24", () => Image.GlobalAveragePool() },
        { "normalize1 (normalize): has 2 means and 3 deviations for an input of 3 channels", () => Image.Normalize([0, 0], [1, 1, 1]) },
        { "normalize1 (normalize): has 2 means and 2 deviations for an input of 3 channels", () => Image.Normalize([0, 0], [1, 1]) },
        { "normalize1 (normalize): a deviation is 0", () => Image.Normalize([0], [0]) },
        { "conv1 (conv): a bias of 33 bits is not possible; it has 2 to 32", () => Image.Conv(8, kernel: 3, bias: true, biasBitWidth: 33) },
        { "linear1 (linear): a bias of 1 bits is not possible; it has 2 to 32", () => Features.Linear(8, biasBitWidth: 1) },
        { "A quantizer of 9 bits is not possible; it has 1 to 8", () => Image.Quantize(new(9)) },
        { "A quantizer of 0 bits is not possible; it has 1 to 8", () => Image.Conv(8, kernel: 3, weights: new(8) { BitWidth = 0 }) },
        { "add1 (add): its operands differ in shape: conv1 is 8x32x24, input is 3x32x24", () => AddTo(Image) },
    };

    static GraphBuilder AddTo(GraphBuilder x) => x.Conv(8, kernel: 3).Add(x);

    [Theory, MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void What_does_not_fit_is_refused_by_name(string sentence, Func<GraphBuilder> build) =>
        Assert.Equal(sentence, Assert.Throws<GraphException>(build).Message);

    [Theory]
    [InlineData(0, 32, 32)]
    [InlineData(3, 32, 0)]
    [InlineData(3, 0, 32)]
    [InlineData(3, -1, -1)]
    public void Impossible_images_are_refused(int channels, int height, int width)
    {
        var input = new Input("input", new(channels, height, width));
        Assert.Contains("not possible", Assert.Throws<GraphException>(() => new Graph([input])).Message, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => new GraphBuilder(new Shape(channels, height, width)).ToGraph());
    }
}
