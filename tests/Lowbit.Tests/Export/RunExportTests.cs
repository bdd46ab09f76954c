using Lowbit.Configuration;
using Lowbit.Export;
using Lowbit.Tests.Training;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Export;

public sealed class RunExportTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void The_call_in_the_documentation_exports_a_run_with_all_that_its_file_should_say()
    {
        RunConfiguration configuration = ConfigurationReader.Parse($$"""
            dataset: { name: digits, limit: 64, image_size: 8 }
            model: { name: quant_resnet20 }
            quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 1 }
            training: { batch_size: 32, epochs: 1 }
            scheduler: { warmup_epochs: 0 }
            checkpoint: { dir: {{folder}} }
            """, "test").Configuration;
        string run = TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None).Folder!.Path, path = Path.Combine(folder, "model.onnx");
        const string Snippet = "RunExportResult result = RunExport.Write(run, path, new ExportOptions { Format = ExportFormat.Qcdq, Batch = null });";
        Assert.Contains(Snippet, File.ReadAllText(Repository.PathOf("docs/export.md")));

        RunExportResult result = RunExport.Write(run, path, new ExportOptions { Format = ExportFormat.Qcdq, Batch = null });

        Assert.Equal(256, result.Report!.Images);
        var metadata = OnnxModel.Read(path).Proto.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Equal(["accuracy", "bit_widths", "classes", "dataset", "epoch", "input", "model", "normalization_deviation", "normalization_mean", "outputs"], metadata.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("quant_resnet20", metadata["model"]);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
