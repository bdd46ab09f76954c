using System.Text.RegularExpressions;

namespace Lowbit.Cli;

/// <summary>The home folder in arguments of the command line.</summary>
static partial class HomeFolder
{
    /// <summary>The argument with the home folder for the <c>~</c> that a shell leaves as it is after an equals sign.</summary>
    public static string In(string argument)
    {
        int begin = Option().Match(argument) is { Success: true } option ? option.Length : 0;
        if (argument[begin..] is not "~" && !argument.AsSpan(begin).StartsWith("~/")) return argument;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return argument[..begin] + home + argument[(begin + 1)..];
    }

    [GeneratedRegex("^--?[a-z-]+=", RegexOptions.ExplicitCapture)]
    private static partial Regex Option();
}
