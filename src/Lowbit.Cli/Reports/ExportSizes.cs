using Lowbit.Cli.Display;
using Lowbit.Export;
using Lowbit.Training;

namespace Lowbit.Cli.Reports;

/// <summary>A file that the network can be exported as.</summary>
/// <param name="Name">What a chart calls it.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Command">The command that writes it, and verifies it, too; null where none does.</param>
/// <param name="Bytes">Its size; null where the network cannot be written so.</param>
/// <param name="Problem">Why not.</param>
sealed record ExportSize(string Name, string Purpose, string? Command, long? Bytes, string? Problem);

/// <summary>Finds the sizes of exported files by writing them, unverified, to a folder that is removed again.</summary>
static class ExportSizes
{
    sealed record Kind(string Name, string Purpose, string? Options, string Ending, Action<string> Write);

    public static IReadOnlyList<ExportSize> Of(ReportSource source, IProgress<ReportStage> progress, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("lowbit-report-").FullName;
        try
        {
            Kind[] kinds = [.. KindsFor(source)];
            return
            [
                .. kinds.Select((kind, i) =>
                {
                    cancel.ThrowIfCancellationRequested();
                    progress.Report(new($"writing {kind.Name}", i, kinds.Length));
                    return Write(kind, Path.Combine(folder, $"model{kind.Ending}"), source.Argument);
                }),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static IEnumerable<Kind> KindsFor(ReportSource source)
    {
        string checkpoint = source.Checkpoint.Path;
        RunExportOptions unverified = new() { Verify = false };
        if (source.Checkpoint.Graph.IsQuantized)
        {
            yield return new("float32 ONNX", "the same network without quantizers, to compare with", null, ".float.onnx", path => FloatTwin.Write(source.Network, path));
            foreach (var format in ExportFormats.All)
                yield return new(format.Name, format.Purpose, $"--format {format.Name}", $".{format.Name}.onnx", path => RunExport.Write(checkpoint, path, new() { Format = format.Format }, unverified));
            yield return new("qcdq, packed weights", "for ONNX Runtime, weights with their own bits", "--format qcdq --target onnxruntime", ".packed.onnx",
                path => RunExport.Write(checkpoint, path, new() { Format = ExportFormat.Qcdq, Target = ExportTarget.OnnxRuntime }, unverified));
            yield return new("integers", "JSON, for programs of your own", "--format integers", ".json", path => IntegerExport.Write(checkpoint, path, unverified));
        }
        else
            yield return new("ONNX", "for any engine", "--format qcdq", ".onnx", path => RunExport.Write(checkpoint, path, new() { Format = ExportFormat.Qcdq }, unverified));
        yield return new("safetensors", "a state dict for Brevitas, float32", "--format safetensors", ".safetensors", path => BrevitasRun.Export(checkpoint, path));
    }

    static ExportSize Write(Kind kind, string path, string run)
    {
        string? command = kind.Options is { } options ? $"lowbit export {NextSteps.Argument(run)} {options} -o model{kind.Ending}" : null;
        try
        {
            kind.Write(path);
            return new(kind.Name, kind.Purpose, command, new FileInfo(path).Length, null);
        }
        catch (LowbitException problem)
        {
            return new(kind.Name, kind.Purpose, command, null, Printable.Short(problem.Message.Split('\n')[0], Printable.LongestLine));
        }
    }
}
