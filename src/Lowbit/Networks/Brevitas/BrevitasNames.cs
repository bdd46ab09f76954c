using System.Text.RegularExpressions;
using Lowbit.Graphs;

namespace Lowbit.Networks.Brevitas;

/// <summary>What the same number is called in a Brevitas state dict and in ours.</summary>
static partial class BrevitasNames
{
    const string QuantizerNode = ".quant";
    const string ActivationQuantizer = ".act_quant.fused_activation_quant_proxy.tensor_quant.";
    const string WeightQuantizer = ".weight_quant.tensor_quant.";

    /// <summary>What quantizers learn: the end of their name, the end of our node's name, and the parameter's own name in ours.</summary>
    static readonly (string Theirs, string Node, string Ours)[] Quantizer =
    [
        .. ActivationScale.All.SelectMany(scale => scale.Parameters).Where(parameter => parameter.Brevitas is not null).Distinct()
            .Select(parameter => (ActivationQuantizer + parameter.Brevitas, QuantizerNode, parameter.Name)),
        .. WeightScale.All.SelectMany(scale => scale.Parameters).Where(parameter => parameter.Brevitas is not null).Distinct()
            .Select(parameter => (WeightQuantizer + parameter.Brevitas, "", Layers.WeightedLayer.QuantizerParameter(parameter.Name))),
    ];

    [GeneratedRegex(@"\d+|\D+")]
    private static partial Regex Parts { get; }

    /// <summary>The node and the parameter that a name of theirs would be in ours: the quantizer of their module relu is our node relu.quant.</summary>
    public static (string Node, string Parameter) Split(string theirs)
    {
        foreach (var (suffix, node, ours) in Quantizer)
            if (theirs.EndsWith(suffix, StringComparison.Ordinal)) return (theirs[..^suffix.Length] + node, ours);
        int dot = theirs.LastIndexOf('.');
        return dot < 0 ? ("", theirs) : (theirs[..dot], theirs[(dot + 1)..]);
    }

    /// <summary>What they would call a parameter of a node of ours.</summary>
    public static string Of(string node, string parameter) => Quantizer.FirstOrDefault(name => name.Ours == parameter) is { Theirs: { } theirs, Node: { } suffix }
        ? (node.EndsWith(suffix, StringComparison.Ordinal) ? node[..^suffix.Length] : node) + theirs
        : $"{node}.{parameter}";

    /// <summary>Whether a name holds what training learned, rather than what it counted.</summary>
    public static bool IsLearned(string name) => !name.EndsWith(".running", StringComparison.Ordinal)
        && !name.EndsWith(".batches", StringComparison.Ordinal) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    /// <summary>Orders names part by part, numbers as numbers: layer2 before layer10.</summary>
    public static int CompareNaturally(string x, string y)
    {
        foreach (var (a, b) in Parts.Matches(x).Zip(Parts.Matches(y)))
        {
            int order = int.TryParse(a.Value, out int m) && int.TryParse(b.Value, out int n) ? m.CompareTo(n) : string.CompareOrdinal(a.Value, b.Value);
            if (order != 0) return order;
        }
        return x.Length.CompareTo(y.Length);
    }
}
