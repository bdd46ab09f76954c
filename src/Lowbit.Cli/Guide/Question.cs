using Lowbit.Configuration;

namespace Lowbit.Cli.Guide;

/// <summary>A question of the guide.</summary>
/// <param name="Option">The option that answers it, too.</param>
/// <param name="Title">What is asked for.</param>
/// <param name="Default">The answer of an empty line; null where there is none.</param>
/// <param name="Problem">Why a text is no answer, as what it must be instead; null where it is one.</param>
/// <param name="Hint">What is allowed, for a line of its own; null where that need not be said.</param>
sealed record Question(string Option, string Title, string? Default, Func<string, string?> Problem, string? Hint = null)
{
    /// <summary>A question for the value of a key.</summary>
    public static Question Of(string option, string title, string? @default, ConfigurationKey key, string? hint = null) => new(option, title, @default, key.Problem, hint ?? key.Allowed);

    /// <summary>An answer that was given as an option, which must be one.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public string Require(string answer) => Problem(answer) is { } expected
        ? throw new ConfigurationException([$"{Option} is {(answer.Length == 0 ? "empty" : Printable.Short(answer))}; it must be {expected}"])
        : answer;
}
