using Lowbit.Networks;

namespace Lowbit.Export.Targets;

/// <summary>What the reader that a file is for would refuse in it, found before it is written.</summary>
public static class TargetRules
{
    /// <summary>Refuses a network that the target's tools refuse.</summary>
    /// <exception cref="LowbitException">One sentence for each node that breaks a rule: the node, the rule, and what to change.</exception>
    public static void Check(Network network, ExportOptions options)
    {
        bool isEngine = options.Target is ExportTarget.OnnxRuntime or ExportTarget.OpenVino, isStandard = options.Format == ExportFormat.Qcdq;
        if (options.Target != ExportTarget.Any && isEngine != isStandard)
            throw new LowbitException(isStandard
                ? "Standard ONNX is for the targets onnxruntime, openvino or any; choose the format qonnx for the others"
                : "The targets onnxruntime and openvino read standard ONNX; choose the format qcdq for them");
        if (options.Weights is not null && !isStandard) throw new LowbitException("How weights are stored can be chosen for standard ONNX only; choose the format qcdq");
        if (options is { Weights: not null, BatchNorm: BatchNormForm.Keep } or { Weights: not null, Opset: not null })
            throw new LowbitException("How weights are stored can be chosen only where batch norms are folded and no opset is asked for");
        string[] breaches = options.Target switch
        {
            ExportTarget.Finn or ExportTarget.Finn010 => [.. FinnRules.Breaches(network, options)],
            ExportTarget.Hls4ml => [.. Hls4mlRules.Breaches(network, options)],
            _ => [],
        };
        if (breaches.Length > 0) throw new LowbitException(string.Join('\n', breaches));
    }
}
