using Lowbit.Cli.Tests.Terminals;
using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class NewTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Options_answer_every_question_and_the_last_line_is_the_command_to_run()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "new", "-o", "mine.yaml", "--dataset", "cifar10", "--model", "quant_resnet20", "--bits", "4", "--minutes", "30");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal("lowbit train mine.yaml", output.TrimEnd('\n').Split('\n')[^1]);
        ParsedConfiguration read = ConfigurationReader.Read(folder.PathOf("mine.yaml"));
        Assert.Empty(read.Warnings);
        RunConfiguration run = read.Configuration;
        Assert.Equal(("cifar10", "quant_resnet20", 4, 4, 30.0), (run.Dataset.Name, run.Model.Name, run.Quantization.WeightBitWidth, run.Quantization.ActBitWidth, run.Training.MaxMinutes));
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "config", "check", "mine.yaml").ExitCode);
    }

    [Fact]
    public void Every_comment_comes_from_the_descriptions_of_the_keys()
    {
        Assert.Equal(0, LowbitProcess.Run(folder.Path, "new", "--yes").ExitCode);

        string[] lines = File.ReadAllLines(folder.PathOf("run.yaml"));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
        string comments = string.Join(' ', lines.Where(line => line.TrimStart().StartsWith('#')).Select(line => line.Trim(' ', '#')));
        string[] keys = [.. lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal) && !line.Contains('#', StringComparison.Ordinal)).Select(line => line.Trim().Split(':')[0])];
        Assert.Equal(["name", "name", "weight_bit_width", "act_bit_width", "batch_size", "epochs", "max_minutes", "name", "learning_rate"], keys);
        foreach (var (section, key) in new[] { ("dataset", "name"), ("quantization", "act_bit_width"), ("training", "max_minutes"), ("optimizer", "learning_rate") })
            Assert.Contains(new ConfigurationKey(section, key).Description.Replace("`", "", StringComparison.Ordinal), comments);
    }

    [Fact]
    public void Without_a_terminal_the_options_that_are_missing_are_named()
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "new", "--model", "quant_cnv");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal("lowbit new asks its questions on a terminal, and here is none: give --dataset, --bits and --minutes, or --yes for the defaults\n", errors);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("--dataset", "cifar11", "; did you mean cifar10?")]
    [InlineData("--model", "quant_resnet21", "; did you mean quant_resnet20?")]
    [InlineData("--bits", "9", "--bits is 9; it must be 1 to 8")]
    [InlineData("--act-bits", "four", "--act-bits is four; it must be")]
    [InlineData("--minutes", "0", "--minutes is 0; it must be above 0")]
    [InlineData("--minutes", "", "--minutes is empty; it must be above 0")]
    [InlineData("--output", "there.yaml", "--output is there.yaml; it must be the name of a file that is not there yet, unless there is --force")]
    [InlineData("--output", ".", "it is a folder")]
    [InlineData("--root", "${NOT_SET_ANYWHERE}", "there is no environment variable")]
    public void A_wrong_option_is_told_in_a_sentence(string option, string value, string expected)
    {
        folder.Write("there.yaml", "mine");

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "new", "--yes", option, value);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(expected, errors);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Equal("mine", File.ReadAllText(folder.PathOf("there.yaml")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("--dataset imagefolder", "give --root")]
    [InlineData("--dataset imagefolder --root absent", "needs a folder for each class")]
    [InlineData("--model resnet20 --bits 4", "is not quantized and has no bits to choose; name quant_resnet20")]
    [InlineData("--dataset imagefolder --root images --model vgg11 --minutes 1 surplus", "surplus")]
    public void What_does_not_go_together_is_told_in_a_sentence(string options, string expected)
    {
        Directory.CreateDirectory(folder.PathOf("images", "train", "a"));

        var (exitCode, _, errors) = LowbitProcess.Run(folder.Path, ["new", "--yes", .. options.Split(' ')]);

        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void With_force_it_writes_over_a_file()
    {
        folder.Write("run.yaml", "mine");

        Assert.Equal(0, LowbitProcess.Run(folder.Path, "new", "--yes", "--force").ExitCode);
        Assert.Equal("quant_cnv", ConfigurationReader.Read(folder.PathOf("run.yaml")).Configuration.Model.Name);
    }

    [Fact]
    public void On_a_terminal_it_asks_explains_what_is_no_answer_and_asks_again()
    {
        Directory.CreateDirectory(folder.PathOf("my images", "train", "cat"));
        Directory.CreateDirectory(folder.PathOf("my images", "train", "dog"));
        using var terminal = TerminalProcess.Start(folder.Path, 80, "new");
        void Answer(string to, string with)
        {
            terminal.WaitFor(to);
            terminal.Type(with + "\n");
        }

        Answer("Images to train on", "imagefoldr");
        Answer("did you mean imagefolder?", "imagefolder");
        Answer("Folder of the images", "absent");
        Answer("absent is no answer here", "my images");
        Answer("[quant_resnet18] >", "");
        Answer("Bits of weights", "9");
        Answer("9 is no answer here: it must be 1 to 8", "2");
        Answer("Bits of activations\r\n  1 to 8\r\n  [2] >", "3");
        Answer("[60] >", "15");
        Answer("[run.yaml] >", "");

        Assert.Equal(0, terminal.WaitForExit());
        Assert.EndsWith("lowbit train run.yaml\n", terminal.Screen.ToString());
        RunConfiguration run = ConfigurationReader.Read(folder.PathOf("run.yaml")).Configuration;
        Assert.Equal(("imagefolder", "my images", "quant_resnet18", 2, 3, 15.0),
            (run.Dataset.Name, run.Dataset.Root, run.Model.Name, run.Quantization.WeightBitWidth, run.Quantization.ActBitWidth, run.Training.MaxMinutes));
    }

    [Theory]
    [InlineData("\u0003", 130, "interrupted, and nothing is written")]
    [InlineData("\u0004", 2, "the input ended before there was an answer for --model, and nothing is written")]
    public void Ctrl_C_and_the_end_of_the_input_write_nothing(string key, int expected, string sentence)
    {
        using var terminal = TerminalProcess.Start(folder.Path, 80, "new", "--dataset", "digits");
        terminal.WaitFor("[quant_cnv] >");
        terminal.Type(key);

        Assert.Equal(expected, terminal.WaitForExit());
        Assert.EndsWith(sentence + "\n", terminal.Screen.ToString());
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
