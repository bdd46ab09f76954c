using System.Runtime.Intrinsics;
using Lowbit.Graphs;
using Lowbit.Graphs.Nodes;

namespace Lowbit.Quantization.Kernels;

/// <summary>When a kernel runs in the place of plain torch operations.</summary>
enum KernelUse
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>For all batches but those that are collected for the statistics of a scale.</summary>
    ExceptCollecting,

    /// <summary>For all batches.</summary>
    Always,
}

/// <summary>
/// Which kernel runs what on the CPU: decided here alone, when the steps of a network are built. What only the values can tell is left to one guard in each layer, after which
/// plain operations run: float32, on the CPU, dense (<see cref="DenseMemory.IsDense"/>), cut into whole rows (<see cref="FusedNormalize.Takes"/>).
/// </summary>
/// <param name="graph">The network as data.</param>
/// <param name="areWanted">Whether kernels run at all; otherwise plain torch operations do, which are the reference.</param>
sealed class KernelChoice(Graph graph, bool areWanted)
{
    /// <summary>
    /// Whether kernels are faster here than plain operations. They are with vectors of 512, 256 and 128 bits; without any, torch has faster ones of its own.
    /// </summary>
    public static bool ProcessorHasVectors => Vector128.IsHardwareAccelerated;

    /// <summary>
    /// Quantizers whose scale other nodes compute with, a mean in integers or a bias at the scale of products: while such a scale is a statistic of the batch,
    /// gradients reach the batch from there, too, which kernels do not know.
    /// </summary>
    readonly HashSet<string> scalesRead =
        [.. graph.Nodes.Where(ComputesWithScale).Select(node => graph.Integers.TypeOf(node.Inputs[0])?.Scale.Quantizer).OfType<string>()];

    /// <summary>Whether weights are quantized by a kernel, where their quantizer has one.</summary>
    public bool OfWeights => areWanted && ProcessorHasVectors;

    /// <summary>When <see cref="FastQuantize"/> runs a quantizer that stands alone.</summary>
    public KernelUse Of(Quantize node) => !areWanted ? KernelUse.Never
        : scalesRead.Contains(node.Owner) ? Least(Of(node.Quantizer), KernelUse.ExceptCollecting)
        : Of(node.Quantizer);

    /// <summary>When <see cref="FastQuantize"/> runs a quantizer whose scale nothing else computes with: it knows one scale, and no zero point.</summary>
    public static KernelUse Of(ActivationQuantizer quantizer) =>
        !ProcessorHasVectors || quantizer.PerChannel || quantizer.Scale.HasZeroPoint ? KernelUse.Never : KernelUse.Always;

    /// <summary>The rows that <see cref="FusedNormalize"/> runs at all, each with what it can take of it: the quantizer of a stream may be of another kind.</summary>
    public IEnumerable<NormalizedQuantizer> Fitting(IEnumerable<NormalizedQuantizer> rows) => rows
        .Select(row => row.Narrow is { } narrow && (Of(narrow) == KernelUse.Never || narrow.Quantizer.Range.IsBinary != row.Quantize.Quantizer.Range.IsBinary) ? row with { Narrow = null } : row)
        .Where(row => Of(row) != KernelUse.Never);

    /// <summary>When <see cref="FusedNormalize"/> runs a row of nodes.</summary>
    public KernelUse Of(NormalizedQuantizer row)
    {
        if (row.Residual is not { Quantize: { } sum }) return Of(row.Quantize);
        if (row.Quantize.Quantizer.Range.IsBinary != sum.Quantizer.Range.IsBinary) return KernelUse.Never;   // its loops are compiled for one kind of quantizer
        KernelUse both = Least(Of(row.Quantize), Of(sum));
        return row.Quantize.Owner == sum.Owner ? Least(both, KernelUse.ExceptCollecting) : both;   // the second may no longer collect once the first has
    }

    static bool ComputesWithScale(Node node) => node is AveragePool { OutputBitWidth: not null } or IWeighted { Bias: true, BiasBitWidth: not null };

    static KernelUse Least(KernelUse left, KernelUse right) => left < right ? left : right;
}
