using Lowbit.Cli;

return LowbitCommand.Run(args);
