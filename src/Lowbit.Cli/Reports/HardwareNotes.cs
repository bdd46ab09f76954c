using Lowbit.Cli.Display;
using Lowbit.Export;
using Lowbit.Export.Targets;
using Lowbit.Networks;

namespace Lowbit.Cli.Reports;

/// <summary>Whether a hardware compiler takes the network, by its rules.</summary>
/// <param name="Reader">The compiler.</param>
/// <param name="Needs">What it asks for.</param>
/// <param name="Command">The export for it.</param>
/// <param name="Breaches">Which of its rules the network breaks, and where; none where it is taken.</param>
/// <param name="More">Breaches that are not listed.</param>
sealed record HardwareNote(string Reader, string Needs, string Command, IReadOnlyList<string> Breaches, int More);

/// <summary>The hardware compilers that read QONNX. See docs/export.md.</summary>
static class HardwareNotes
{
    const int MostBreaches = 5;

    public static IReadOnlyList<HardwareNote> Of(Network network, string run) =>
    [
        Of(network, "FINN", run, "--format qonnx --target finn -o model.onnx", new() { Target = ExportTarget.Finn },
            "Integer weights and activations without zero points, unsigned activations after ReLUs, adds of values of one shared scale, truncated average pools, max pools after quantizers, one image at a time."),
        Of(network, "hls4ml", run, "--format qonnx --target hls4ml --input normalized -o model.onnx", new() { Target = ExportTarget.Hls4ml, Input = ExportInput.Normalized },
            "It computes in fixed point: scales must be powers of two (quantization.weight_quantizer and act_quantizer: power_of_two), and images are normalized before."),
    ];

    static HardwareNote Of(Network network, string reader, string run, string options, ExportOptions target, string needs)
    {
        // Nodes that break the same rule are told together.
        string[] breaches =
        [
            .. BreachesOf(network, target).Select(breach => breach.Split(": ", 2)).GroupBy(breach => breach[^1])
                .Select(rule => Printable.Short($"{rule.First()[0]}{(rule.Count() > 1 ? $" and {rule.Count() - 1} more" : "")}: {rule.Key}", 300)),
        ];
        return new(reader, needs, $"lowbit export {NextSteps.Argument(run)} {options}", [.. breaches.Take(MostBreaches)], Math.Max(0, breaches.Length - MostBreaches));
    }

    static string[] BreachesOf(Network network, ExportOptions target)
    {
        try
        {
            TargetRules.Check(network, target);
            return [];
        }
        catch (LowbitException refused)
        {
            return refused.Message.Split('\n');
        }
    }
}
