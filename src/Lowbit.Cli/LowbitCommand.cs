using System.CommandLine;
using System.CommandLine.Invocation;
using Lowbit.Cli.Commands;
using Lowbit.Cli.Display;
using Lowbit.Configuration;

namespace Lowbit.Cli;

/// <summary>The command line: its commands, and how errors leave it.</summary>
static class LowbitCommand
{
    /// <summary>Runs one command line; the result is the process's exit code.</summary>
    public static int Run(string[] args)
    {
        ProcessSettings.Apply();
        ConsoleOutput.Install();
        ParseResult parsed = Create().Parse([.. args.Select(HomeFolder.In)]);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"lowbit: {OnOneLine(error.Message)}");
            Console.Error.WriteLine("lowbit: --help lists the commands, COMMAND --help what one takes");
            return ExitCode.WrongUsage;
        }
        try
        {
            int exitCode = parsed.Invoke(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return exitCode == ExitCode.Done && ConsoleOutput.IsResult && ConsoleOutput.Problem is { } problem
                ? Fail($"the output cannot be written: {problem}", ExitCode.Failure)
                : exitCode;
        }
        catch (ConfigurationException problem)
        {
            return Fail(problem.Message, ExitCode.WrongUsage);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", ExitCode.Interrupted);
        }
        catch (Exception problem) when (problem is LowbitException or IOException or UnauthorizedAccessException)
        {
            return Fail(problem.Message, ExitCode.Failure);
        }
#pragma warning disable CA1031 // the last resort: a user sees a sentence, whatever went wrong
        catch (Exception problem)
        {
            return Fail(ErrorReport.Sentence(problem, args), ExitCode.Failure);
        }
#pragma warning restore CA1031
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Create()
    {
        RootCommand root = Commands();
        ExampledCommand.ShowExamples(root);
        root.Options.OfType<VersionOption>().Single().Action = new ShowVersion();
        return root;
    }

    static RootCommand Commands() => new("Trains 1-to-8-bit image classifiers and brings them to devices.")
    {
        NewCommand.Create(),
        TrainCommand.Create(),
        EvalCommand.Create(),
        PredictCommand.Create(),
        RunsCommand.Create(),
        CompareCommand.Create(),
        ReportCommand.Create(),
        VerifyCommand.Create(),
        InspectCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        ModelsCommand.Create(),
        BenchCommand.Create(),
        ConfigCommand.Create(),
        DoctorCommand.Create(),
        CompletionCommand.Create(),
    };

    sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Console.WriteLine($"lowbit {LowbitVersion.Text}");
            return ExitCode.Done;
        }
    }

    /// <summary>What is allowed stands a line each in some messages.</summary>
    static string OnOneLine(string message) =>
        string.Join(", ", message.TrimEnd('.').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Replace(":, ", ": ", StringComparison.Ordinal);

    static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine(message);
        return exitCode;
    }
}
