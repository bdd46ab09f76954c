using Xunit;

namespace Lowbit.Cli.Tests;

public sealed class ErrorReportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_error_of_Lowbits_own_leaves_its_stack_trace_in_a_file_that_the_sentence_names()
    {
        string sentence = ErrorReport.Sentence(Thrown(), ["train", "run.yaml"], [folder.Path]);

        string file = Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Contains(file, sentence);
        Assert.Contains("please report it", sentence);
        Assert.DoesNotContain('\n', sentence);
        string text = File.ReadAllText(file);
        Assert.Contains($"at {typeof(ErrorReportTests).FullName}.{nameof(Thrown)}", text);
        Assert.Contains("arguments: train run.yaml", text);
    }

    [Fact]
    public void Where_the_first_folder_cannot_be_written_to_the_next_one_is_taken_and_without_any_the_sentence_is_said_all_the_same()
    {
        string notAFolder = folder.PathOf(folder.Write("file", ""));
        Assert.Contains(folder.PathOf("reports"), ErrorReport.Sentence(Thrown(), [], [notAFolder, folder.PathOf("reports")]));
        Assert.Contains("InvalidOperationException: two lines", ErrorReport.Sentence(Thrown(), [], [notAFolder]));
        Assert.Equal(["file"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("two\nlines");
        }
        catch (InvalidOperationException problem)
        {
            return problem;
        }
    }
}
