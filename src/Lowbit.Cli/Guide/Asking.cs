using Lowbit.Configuration;

namespace Lowbit.Cli.Guide;

/// <summary>Asks questions in lines of text, until an answer is one.</summary>
/// <param name="input">Where the answers come from.</param>
/// <param name="output">Where the questions go.</param>
sealed class Asking(TextReader input, TextWriter output)
{
    /// <summary>The answer to a question.</summary>
    /// <exception cref="ConfigurationException">The input has ended.</exception>
    public string Answer(Question question)
    {
        output.WriteLine($"\n{question.Title}");
        if (question.Hint is { } hint) output.WriteLine($"  {hint}");
        while (true)
        {
            output.Write(question.Default is { } usual ? $"  [{usual}] > " : "  > ");
            if (input.ReadLine()?.Trim() is not { } line)
            {
                output.WriteLine();
                throw new ConfigurationException([$"the input ended before there was an answer for {question.Option}, and nothing is written"]);
            }
            string answer = line.Length == 0 && question.Default is not null ? question.Default : line;
            if (question.Problem(answer) is not { } expected) return answer;
            output.WriteLine($"  {(answer.Length == 0 ? "An empty line" : Printable.Short(answer))} is no answer here: it must be {expected}");
        }
    }
}
