using Lowbit.Graphs;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Models;

public class ParameterCountTests
{
    /// <summary>At 10 classes and 32x32 images, in millions.</summary>
    static readonly Dictionary<string, double> MillionsOfParameters = new()
    {
        ["cnv"] = 1.55,
        ["mobilenetv1"] = 3.2,
        ["mobilenetv2"] = 2.24,
        ["resnet8"] = 0.078,
        ["resnet20"] = 0.27,
        ["resnet32"] = 0.46,
        ["resnet44"] = 0.66,
        ["resnet56"] = 0.85,
        ["resnet110"] = 1.7,
        ["resnet18"] = 11.2,
        ["resnet34"] = 21.3,
        ["resnet50"] = 23.5,
        ["resnet101"] = 42.5,
        ["resnet152"] = 58.1,
        ["vgg11"] = 9.2,
        ["vgg13"] = 9.4,
        ["vgg16"] = 14.7,
        ["vgg19"] = 20.0,
    };

    public static TheoryData<string> Float => [.. ModelZoo.Names.Where(name => !ModelZoo.IsQuantized(name))];

    [Theory, MemberData(nameof(Float))]
    public void A_model_has_as_many_parameters_as_its_paper_says(string name)
    {
        double millions = Summary.Of(ModelZoo.Build(new(name, new Shape(3, 32, 32), 10))).Parameters / 1e6;

        Assert.InRange(millions, MillionsOfParameters[name] * 0.98, MillionsOfParameters[name] * 1.02);
    }

    /// <summary>Its reference model has 78,666 numbers: biases in front of batch norms, and four numbers a channel in seven of these.</summary>
    [Fact]
    public void ResNet8_has_the_weights_of_MLPerf_Tinys_image_classifier()
    {
        NodeSummary[] layers = [.. Summary.Of(ModelZoo.Build(new("resnet8", new Shape(3, 32, 32), 10))).Nodes.Where(node => node.Cost.Weights > 0)];

        Assert.Equal(78_666 - 4 * (16 + 2 * 16 + 2 * 32 + 2 * 64), layers.Sum(layer => layer.Cost.Weights + layer.Output.Channels));
    }

    [Theory, InlineData("mobilenetv2", 1, 3_504_872), InlineData("mobilenetv2", 0.5, 1_968_680), InlineData("resnet18", 1, 11_689_512), InlineData("resnet50", 1, 25_557_032)]
    public void On_large_images_it_has_exactly_as_many_as_torchvisions(string name, double width, long parameters) =>
        Assert.Equal(parameters, Summary.Of(ModelZoo.Build(new(name, new Shape(3, 224, 224), 1000) { Width = width })).Parameters);
}
