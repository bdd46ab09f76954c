using Lowbit.Cli.Display;
using Lowbit.Export.Inspection;
using Lowbit.Graphs;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public class InspectionTextTests
{
    /// <summary>A terminal would act on the one, and columns as wide as the other would take gigabytes.</summary>
    [Fact]
    public void Names_in_a_file_are_shown_without_control_characters_and_without_their_end()
    {
        string name = "conv\u001b[2J\n" + new string('x', 1_000_000);
        var shape = new Shape(1, 8, 8);
        NodeSummary[] nodes = [.. Enumerable.Range(0, 100).Select(i => new NodeSummary($"{i}{name}", name, shape, new(0, 0, 0, 0), 4, 4, 32))];
        var quantizer = new QuantizerSummary(name, "Quant", false, 4, "signed", 1, 0.5, 0.5, 0);

        string text = InspectionText.Format(new(
            "a.onnx", 100, name, 13, "QONNX", name, name, new Dictionary<string, string> { [name] = name }, new([.. nodes]), [quantizer]));

        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("conv\\u001b[2J\\u000axxx", text);
        Assert.InRange(text.Length, 1, 100_000);
    }
}
