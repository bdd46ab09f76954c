using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Training;

namespace Lowbit.Cli.Reports;

/// <summary>How the run can be made again.</summary>
/// <param name="Command">The command; null where a program trained it.</param>
/// <param name="Trained">The version that the run was trained with.</param>
/// <param name="Reported">The version, with its commit, that made the page.</param>
/// <param name="Seed">Where its random numbers start, as a phrase.</param>
/// <param name="Configuration">The text of config.yaml; null where it is gone.</param>
sealed record Reproduction(string? Command, string Trained, string Reported, string Seed, string? Configuration)
{
    public static Reproduction Of(ReportSource source)
    {
        RunOptions options = source.Run.Options;
        string file = source.Run.Folder.Configuration;
        return new(
            options is RunConfiguration ? $"lowbit train {NextSteps.Argument(NearPath.Of(file))}" : null,
            Printable.Short(Safetensors.ReadMetadata(source.Checkpoint.Path).GetValueOrDefault("lowbit_version") ?? "unknown"),
            LowbitVersion.Text,
            $"{options.Seed.Value}{(options.Seed.Deterministic ? "; deterministic" : "")}",
            source.Try("No text of the configuration", () => Printable.Lines(File.ReadAllText(file))));
    }
}
