using System.CommandLine;
using Lowbit.Cli.Commands;
using Lowbit.Configuration;

namespace Lowbit.Cli;

/// <summary>The command line: its commands, and how errors leave it.</summary>
static class LowbitCommand
{
    /// <summary>Runs one command line; the result is the process's exit code.</summary>
    public static int Run(string[] args)
    {
        ParseResult parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"lowbit: {error.Message.TrimEnd('.')}");
            Console.Error.WriteLine("lowbit: --help lists the commands, COMMAND --help what one takes");
            return ExitCode.WrongUsage;
        }
        try
        {
            return parsed.Invoke(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
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

    static RootCommand Create() => new("Trains 1-to-8-bit image classifiers and brings them to devices.")
    {
        TrainCommand.Create(),
        EvalCommand.Create(),
        VerifyCommand.Create(),
        InspectCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        ModelsCommand.Create(),
        BenchCommand.Create(),
        ConfigCommand.Create(),
    };

    static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine(message);
        return exitCode;
    }
}
