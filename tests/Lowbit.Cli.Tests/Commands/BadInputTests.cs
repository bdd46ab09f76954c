using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>What every command makes of wrong options and of files that are not there or are not what they should be: a sentence, the right exit code, and no file.</summary>
public sealed class BadInputTests : IDisposable
{
    const string Text = "no.onnx", Broken = "broken.safetensors", Yaml = "broken.yaml";

    readonly TemporaryFolder folder = new();

    public BadInputTests()
    {
        folder.Write(Text, "no ONNX file");
        folder.Write(Broken, "no checkpoint");
        folder.Write(Yaml, "model: { name: quant_cnv, nane: 1 }\n");
        folder.Write("picture.png", "no picture");
        Directory.CreateDirectory(folder.PathOf("empty"));
    }

    /// <summary>A command, wrong arguments, the exit code, and a part of the sentence.</summary>
    public static TheoryData<string, string, int, string> Lines => new()
    {
        { "new", "--yes --dataset cifar11", 2, "did you mean cifar10?" },
        { "new", "--yes -o empty", 2, "it is a folder" },
        { "train", "absent.yaml", 2, "absent.yaml is not there" },
        { "train", Yaml, 2, "model.nane is not a key here; did you mean name?" },
        { "train", "--resume absent", 1, "absent" },
        { "train", $"--resume {Broken}", 1, Broken },
        { "eval", "absent", 1, "absent" },
        { "eval", Broken, 1, Broken },
        { "eval", $"{Text} --dataset digits", 1, Text },
        { "eval", $"{Text} --dataset digitz", 2, "digitz" },
        { "predict", "absent picture.png", 1, "absent" },
        { "predict", $"{Broken} picture.png", 1, Broken },
        { "predict", $"{Text} picture.png --image-shape 3x32", 2, "3x32" },
        { "runs", "absent", 1, "absent" },
        { "runs", "empty --sort sise", 2, "sise" },
        { "runs", "empty --filter model", 2, "model" },
        { "compare", "absent empty", 1, "absent" },
        { "compare", "empty", 2, "compare" },
        { "report", "absent", 1, "absent" },
        { "report", Broken, 1, Broken },
        { "report", "absent --images picture.png", 1, "absent" },
        { "verify", $"{Text} --test-vectors {Broken}", 1, "no" },
        { "verify", Text, 2, "--test-vectors" },
        { "inspect", Text, 1, Text },
        { "inspect", "absent.onnx", 1, "absent.onnx" },
        { "export", "absent -o model.onnx", 1, "absent" },
        { "export", $"{Broken} --format qonxx -o model.onnx", 2, "qonxx" },
        { "export", $"{Broken} --format qonnx -o model.onnx", 1, Broken },
        { "import", $"--from-brevitas {Broken}", 2, "--model" },
        { "import", $"--from-brevitas {Broken} --model quant_cnv --dataset digits", 1, Broken },
        { "import", "--from-brevitas absent.safetensors --model quant_cnn", 2, "did you mean quant_cnv?" },
        { "models", "resnet21", 2, "resnet20" },
        { "models", "--channels 0", 2, "--channels is 0; it must be 1 to 1024" },
        { "bench train", "--model quant_cnn", 2, "did you mean quant_cnv?" },
        { "bench train", "--set training.epochs=1", 2, "only keys of quantization" },
        { "bench epoch", "absent.yaml", 2, "absent.yaml is not there" },
        { "bench epoch", $"{Yaml} --steps 0", 2, "--steps is 0; it must be 1 to 10000" },
        { "bench infer", "absent", 1, "absent" },
        { "bench infer", $"{Text} --batch 0", 2, "--batch" },
        { "config check", Yaml, 2, "did you mean name?" },
        { "config check", "absent.yaml", 2, "absent.yaml is not there" },
        { "config schema", "surplus", 2, "surplus" },
        { "doctor", "--jsn", 2, "--jsn" },
        { "completion", "tcsh", 2, "tcsh" },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Lines))]
    public void It_is_told_in_a_sentence(string command, string arguments, int expected, string part)
    {
        string[] before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories);

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, [.. command.Split(' '), .. arguments.Split(' ')]);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.Contains(part, errors);
        Assert.InRange(errors.TrimEnd('\n').Split('\n').Length, 1, 2);   // after wrong usage: where help is
        Assert.DoesNotContain("   at ", errors);
        Assert.DoesNotContain("something is wrong in Lowbit itself", errors);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Every_command_is_among_them() => Assert.Empty(HelpTests.Commands.Select(row => row.Data).Except(Lines.Select(row => row.Data.Item1)));
}
