using Lowbit.Cli.Display;
using Lowbit.Export;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public sealed class ExportLinesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void A_file_that_is_not_verified_says_why_its_batch_norms_are_kept()
    {
        string path = folder.PathOf(folder.Write("model.onnx", "12345"));
        string lines = ExportLines.Of(new RunExportResult("best.safetensors", "quant_cnv", null, 0, "quant1: it has a bend"), path, null);
        Assert.Equal($"{path}: quant_cnv of best.safetensors, 5 bytes\nbatch norms are kept, so that engines compute in float: quant1: it has a bend\nnot verified\n", lines);
    }

    public void Dispose() => folder.Dispose();
}
