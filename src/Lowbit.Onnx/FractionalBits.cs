using Lowbit.Export.Interpretation;
using Lowbit.Export.Interpretation.Operators;

namespace Lowbit.Export;

/// <summary>Bit widths that are no whole numbers, as float arithmetic leaves them.</summary>
static class FractionalBits
{
    /// <summary>A sentence for each quantizer that has one.</summary>
    public static IReadOnlyList<string> In(OnnxModel model) => [.. model.Nodes.Where(node => node is { Domain: OnnxNode.Qonnx, Kind: not "BipolarQuant", Inputs.Count: > 3 }).SelectMany(node => Of(model, node))];

    static double[] Values(OnnxModel model, string tensor) =>
        model.Initializers.TryGetValue(tensor, out var stored) ? stored.Read().Data
            : model.Nodes.FirstOrDefault(node => node is { Domain: "", Kind: "Constant", Outputs.Count: > 0 } && node.Outputs[0] == tensor) is { } maker
                ? OperatorTable.Find(maker)(new Call(maker, []))[0].Data
                : [];

    static IEnumerable<string> Of(OnnxModel model, OnnxNode node)
    {
        double bits = Values(model, node.Inputs[^1]).FirstOrDefault(value => value != Math.Truncate(value) && value is > 0 and <= 62, 0);
        if (bits == 0) yield break;
        bool signed = node.Flag("signed", otherwise: true), narrow = node.Flag("narrow");
        var (low, high) = QonnxQuantization.Range(bits, signed, narrow);
        var round = Rounding.Named(node.Text("rounding_mode", node.Kind is "Trunc" ? "FLOOR" : "ROUND"));
        // Adding 0 takes the sign off a 0.
        yield return FormattableString.Invariant(
            $"{Printable.Line(model.Path)}: node {Printable.Short(node.Name, Printable.LongestCell)} ({node.Kind}) has a bit width of {bits:G9}, which is used as it is: integers from {round(low) + 0.0:G9} to {round(high) + 0.0:G9}");
    }
}
