using System.Diagnostics;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>Names of files to write under which something would be lost.</summary>
public sealed class OutputTests : IClassFixture<OutputTests.TrainedRun>
{
    readonly TrainedRun trained;

    public OutputTests(TrainedRun trained) => this.trained = trained;

    /// <summary>A run of one epoch, with links to its parts.</summary>
    public sealed class TrainedRun : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public TrainedRun()
        {
            string config = folder.Write("run.yaml", """
                dataset: { name: digits, limit: 32, image_size: 8 }
                model: { name: quant_resnet20 }
                quantization: { collect_stats_steps: 1 }
                training: { batch_size: 32, epochs: 1 }
                checkpoint: { dir: runs, experiment_name: one }
                """);
            Assert.Equal(0, LowbitProcess.Run(folder.Path, "train", config).ExitCode);
            Directory.CreateSymbolicLink(folder.PathOf("link"), folder.PathOf("runs/digits/one/checkpoints"));
            File.CreateSymbolicLink(folder.PathOf("best"), folder.PathOf("runs/digits/one/checkpoints/best.safetensors"));
            File.CreateSymbolicLink(folder.PathOf("stdout"), "/dev/stdout");
            File.Copy(folder.PathOf("best"), folder.PathOf("alone.safetensors"));
            folder.Write("file", "text");
            using Process pipe = Process.Start("mkfifo", [folder.PathOf("pipe")]);
            pipe.WaitForExit();
        }

        public string Folder => folder.Path;

        public string PathOf(string name) => folder.PathOf(name);

        public void Dispose() => folder.Dispose();
    }

    [Theory]
    [InlineData("", "the network cannot be written to a file without a name: give the name of a file")]
    [InlineData("runs", "the network cannot be written to runs: it is a folder; give the name of a file in it")]
    [InlineData("new/", "the network cannot be written to new/: it is a folder; give the name of a file in it")]
    [InlineData("file/model.onnx", "the network cannot be written to file/model.onnx: {0}/file is a file, not a folder")]
    [InlineData("pipe", "the network cannot be written to pipe: it is a pipe, and a file would take its place; give the name of a file")]
    [InlineData("stdout", "the network cannot be written to stdout: it is a pipe, and a file would take its place; give the name of a file")]
    [InlineData("/dev/null", "the network cannot be written to /dev/null: it is a device, and a file would take its place; give the name of a file")]
    [InlineData("/dev/stdout", "the network cannot be written to /dev/stdout: it is a device, and a file would take its place; give the name of a file")]
    [InlineData("runs/digits/one/checkpoints/best.safetensors", "the network cannot be written to runs/digits/one/checkpoints/best.safetensors: it is the checkpoint that is exported; give another file")]
    [InlineData("runs/../runs/digits/one/checkpoints/../checkpoints/best.safetensors", "the network cannot be written to runs/../runs/digits/one/checkpoints/../checkpoints/best.safetensors: it is the checkpoint that is exported; give another file")]
    [InlineData("link/best.safetensors", "the network cannot be written to link/best.safetensors: it is the checkpoint that is exported; give another file")]
    [InlineData("best", "the network cannot be written to best: it is the checkpoint that is exported; give another file")]
    [InlineData("link/latest.safetensors", "the network cannot be written to link/latest.safetensors: it is a file of the run {0}/runs/digits/one; give another file")]
    [InlineData("runs/digits/one/config.yaml", "the network cannot be written to runs/digits/one/config.yaml: it is a file of the run {0}/runs/digits/one; give another file")]
    [InlineData("runs/digits/one/metrics.csv", "the network cannot be written to runs/digits/one/metrics.csv: it is a file of the run {0}/runs/digits/one; give another file")]
    public void A_network_takes_the_place_of_nothing_that_a_user_has(string output, string sentence)
    {
        string before = State();

        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "-o", output, "--no-verify");

        Assert.Equal((2, string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, trained.Folder) + "\n", before), (exitCode, errors, State()));
    }

    [Theory]
    [InlineData("model.onnx", "model.onnx")]
    [InlineData("model.onnx", "./x/../model.onnx")]
    public void Test_vectors_are_another_file_than_the_network(string output, string vectors)
    {
        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "-o", output, "--test-vectors", vectors);

        Assert.Equal((2, $"the test vectors cannot be written to {vectors}: it is the file of the network; give another file\n"), (exitCode, errors));
        Assert.False(File.Exists(trained.PathOf("model.onnx")));
    }

    [Theory]
    [InlineData("alone.safetensors", "alone.safetensors", "the checkpoint that is exported")]
    [InlineData("runs/digits/one", "best", "the checkpoint that is exported")]
    public void A_state_dict_is_another_file_than_what_is_read(string run, string output, string what)
    {
        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", run, "--format", "safetensors", "-o", output);

        Assert.Equal((2, $"the state dict cannot be written to {output}: it is {what}; give another file\n"), (exitCode, errors));
    }

    [Fact]
    public void A_state_dict_is_another_file_than_the_one_whose_names_it_takes()
    {
        Assert.Equal(0, LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "--format", "safetensors", "-o", "names.safetensors").ExitCode);
        File.CreateSymbolicLink(trained.PathOf("names"), "names.safetensors");

        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "--format", "safetensors", "--like", "names.safetensors", "-o", "names");

        Assert.Equal((2, "the state dict cannot be written to names: it is the state dict whose names are used; give another file\n"), (exitCode, errors));
    }

    [Theory]
    [InlineData("alone.safetensors", "alone.safetensors", "it is the checkpoint that is exported; give another file")]
    [InlineData("runs/digits/one", "link/latest.safetensors", "it is a file of the run {0}/runs/digits/one; give another file")]
    [InlineData("runs/digits/one", "runs/digits/one/metrics.csv", "it is a file of the run {0}/runs/digits/one; give another file")]
    public void An_integer_network_takes_the_place_of_nothing_either(string run, string output, string what)
    {
        string before = State();

        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", run, "--format", "integers", "-o", output, "--no-verify");

        Assert.Equal((2, $"the network cannot be written to {output}: {string.Format(System.Globalization.CultureInfo.InvariantCulture, what, trained.Folder)}\n", before), (exitCode, errors, State()));
    }

    [Fact]
    public void An_import_needs_a_folder_with_a_name()
    {
        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "import", "--from-brevitas", "alone.safetensors", "--model", "quant_resnet20", "-o", "");

        Assert.Equal((2, "the run cannot be written to a folder without a name: give the name of a folder\n"), (exitCode, errors));
    }

    [Fact]
    public void A_link_is_followed_and_stays()
    {
        File.CreateSymbolicLink(trained.PathOf("newest.onnx"), "numbered.onnx");
        File.CreateSymbolicLink(trained.PathOf("circle"), "circle");

        Assert.Equal(0, LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "-o", "newest.onnx", "--no-verify").ExitCode);
        Assert.Equal("numbered.onnx", new FileInfo(trained.PathOf("newest.onnx")).LinkTarget);
        Assert.True(new FileInfo(trained.PathOf("numbered.onnx")).Length > 10_000);
        var (exitCode, _, errors) = LowbitProcess.Run(trained.Folder, "export", "runs/digits/one", "-o", "circle", "--no-verify");
        Assert.Equal((2, $"the network cannot be written to circle: {trained.PathOf("circle")}: its links lead in a circle\n"), (exitCode, errors));
    }

    /// <summary>Every file and link in the folder with its kind and size.</summary>
    string State() => string.Join('\n', new DirectoryInfo(trained.Folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(entry => $"{entry.FullName} {entry.LinkTarget} {entry.UnixFileMode} {(entry as FileInfo)?.Length} {entry.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal));
}
