using Lowbit.Networks;

namespace Lowbit.Export.Targets;

/// <summary>What the reader that a file is for would refuse in it, found before it is written.</summary>
static class TargetRules
{
    /// <summary>Refuses a network that the target's tools refuse.</summary>
    /// <exception cref="LowbitException">One sentence for each node that breaks a rule: the node, the rule, and what to change.</exception>
    public static void Check(Network network, ExportOptions options)
    {
        if (options.Target != ExportTarget.Any && options.Format != ExportFormat.Qonnx)
            throw new LowbitException("A target is a reader of QONNX; leave it out for standard ONNX, or choose the format qonnx");
        string[] breaches = options.Target switch
        {
            ExportTarget.Finn or ExportTarget.Finn010 => [.. FinnRules.Breaches(network, options)],
            ExportTarget.Hls4ml => [.. Hls4mlRules.Breaches(network, options)],
            _ => [],
        };
        if (breaches.Length > 0) throw new LowbitException(string.Join('\n', breaches));
    }
}
