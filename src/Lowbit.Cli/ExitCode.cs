namespace Lowbit.Cli;

/// <summary>What the process ends with.</summary>
static class ExitCode
{
    public const int Done = 0;
    public const int Failure = 1;
    public const int WrongUsage = 2;
    public const int Interrupted = 130;
}
