using System.Text;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>What an import says: where each tensor went, or why it went nowhere.</summary>
static class ImportLines
{
    public static string Of(BrevitasRunResult result)
    {
        var (matched, missing, unused) = result.State;
        var text = new StringBuilder();
        text.Append($"{matched.Count} tensors matched\n");
        int width = matched.Max(pair => pair.From.Length);
        foreach (var (from, to) in matched) text.Append($"  {from.PadRight(width)}  {to}\n");
        Append("of the file unused", unused);
        Append("of the network not found", missing);
        text.Append($"the run is in {result.Folder.Path}");
        text.Append(result.State.IsComplete ? "\n" : $"; it is not complete, so that it can only be started from: model.pretrained={result.Folder.Path}\n");
        return text.ToString();

        void Append(string what, IReadOnlyList<(string Name, string Reason)> tensors)
        {
            if (tensors.Count == 0) return;
            text.Append($"{tensors.Count} {what}\n");
            foreach (var (name, reason) in tensors) text.Append($"  {name}: {reason}\n");
        }
    }
}
