using Lowbit.Cli;

if (Libtorch.Provide() is { } problem)
{
    Console.Error.WriteLine($"lowbit: {problem}");
    return ExitCode.WrongUsage;
}
return LowbitCommand.Run(args);
