using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lowbit.Cli;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does, in a sentence.</param>
/// <param name="examples">Command lines, each on a line of its own.</param>
sealed class ExampledCommand(string name, string description, string examples) : Command(name, description)
{
    string Examples => "Examples:\n" + string.Concat(examples.Split('\n').Select(line => $"  {line}\n"));

    /// <summary>Lets the help of a command line show examples.</summary>
    public static void ShowExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((HelpAction)help.Action!);
    }

    sealed class Help(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampledCommand command) Console.WriteLine(command.Examples);
            return exitCode;
        }
    }
}
