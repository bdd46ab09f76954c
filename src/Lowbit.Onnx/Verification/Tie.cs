using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Verification;

/// <summary>A value that lies near to the middle between two integers, or near to 0 where a sign is taken.</summary>
/// <param name="Node">What rounds it.</param>
/// <param name="Index">Its place in the node's output.</param>
/// <param name="Distance">How far it is from the middle, in steps.</param>
/// <param name="Other">What the node would give if it were on the other side.</param>
sealed record Tie(OnnxNode Node, int Index, double Distance, double Other)
{
    /// <summary>The ties of a node that has been computed; none where it does not round to the nearest integer.</summary>
    public static IEnumerable<Tie> Near(OnnxNode node, AliveTensors known, double nearness)
    {
        if (node.Outputs is not [not "", ..] || node.Inputs.Any(input => input is not "" && known.Find(input) is null)) return [];
        bool isSign = node is { Domain: OnnxNode.Qonnx, Kind: "BipolarQuant" };
        var (x, output) = (known[node.Inputs[0]], known[node.Outputs[0]]);
        return (node.Domain, node.Kind) switch
        {
            (OnnxNode.Qonnx, "Quant" or "IntQuant") when node.Text("rounding_mode", "ROUND").ToUpperInvariant() is "ROUND" or "HALF_EVEN" =>
                Of(Broadcast.Map(v => v[0] / v[1] + v[2], x, known[node.Inputs[1]], known[node.Inputs[2]]), Broadcast.Map((_, step) => step, x, known[node.Inputs[1]])),
            (OnnxNode.Qonnx, "BipolarQuant") => Of(Broadcast.Map((value, scale) => value / scale, x, known[node.Inputs[1]]), output),
            ("", "QuantizeLinear") when known[node.Inputs[1]].Count == 1 => Of(Broadcast.Map((value, scale) => value / scale, x, known[node.Inputs[1]]), One(x)),
            ("", "Round") => Of(x, One(x)),
            _ => [],
        };

        IEnumerable<Tie> Of(NdArray levels, NdArray steps)
        {
            for (int i = 0; i < Math.Min(levels.Count, output.Count); i++)
            {
                double level = levels.Data[i], distance = isSign ? Math.Abs(level) : Math.Abs(level - Math.Floor(level) - 0.5);
                if (!(distance <= nearness * Math.Max(1, Math.Abs(level) / 16))) continue;
                double up = Math.Round(level) == Math.Floor(level) ? 1 : -1;
                yield return new(node, i, distance, isSign ? -output.Data[i] : output.Data[i] + up * steps.Data[i]);
            }
        }
    }

    static NdArray One(NdArray x) => Broadcast.Map((double _) => 1, x);
}
