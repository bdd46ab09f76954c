using System.Text.RegularExpressions;

namespace Lowbit.Networks.Brevitas;

/// <summary>What the same number is called in a Brevitas state dict and in ours.</summary>
static partial class BrevitasNames
{
    const string QuantizerNode = ".quant";
    const string TensorQuant = ".act_quant.fused_activation_quant_proxy.tensor_quant.";

    static readonly (string Theirs, string Ours)[] Quantizer =
    [
        (TensorQuant + "scaling_impl.value", "threshold.value"),
        (TensorQuant + "zero_point_impl.value", "low.value"),
    ];

    [GeneratedRegex(@"\d+|\D+")]
    private static partial Regex Parts { get; }

    /// <summary>The node and the parameter that a name of theirs would be in ours: the quantizer of their module relu is our node relu.quant.</summary>
    public static (string Node, string Parameter) Split(string theirs)
    {
        foreach (var (suffix, ours) in Quantizer)
            if (theirs.EndsWith(suffix, StringComparison.Ordinal)) return (theirs[..^suffix.Length] + QuantizerNode, ours);
        int dot = theirs.LastIndexOf('.');
        return dot < 0 ? ("", theirs) : (theirs[..dot], theirs[(dot + 1)..]);
    }

    /// <summary>What they would call a parameter of a node of ours.</summary>
    public static string Of(string node, string parameter) => Quantizer.FirstOrDefault(name => name.Ours == parameter).Theirs is { } suffix
        ? (node.EndsWith(QuantizerNode, StringComparison.Ordinal) ? node[..^QuantizerNode.Length] : node) + suffix
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
