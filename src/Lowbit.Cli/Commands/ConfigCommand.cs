using System.CommandLine;
using Lowbit.Configuration;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit config check FILE...</c> and <c>lowbit config schema</c>.</summary>
static class ConfigCommand
{
    public static Command Create() => new("config", "Check configurations, or describe them to an editor.") { Check(), Schema() };

    static ExampledCommand Check()
    {
        var files = new Argument<string[]>("file") { Description = "YAML files.", Arity = ArgumentArity.OneOrMore };
        var set = SetOption.Create();
        var command = new ExampledCommand("check", "Check configurations without training.", """
            lowbit config check run.yaml
            lowbit config check configs/*.yaml --set training.epochs=5
            """) { files, set };
        command.SetAction(parsed =>
        {
            bool[] valid = [.. parsed.GetValue(files)!.Select(file => IsValid(file, parsed.GetValue(set) ?? []))];
            return valid.All(isValid => isValid) ? ExitCode.Done : ExitCode.WrongUsage;
        });
        return command;
    }

    static ExampledCommand Schema()
    {
        var command = new ExampledCommand("schema", "Print the JSON schema of configurations, by which editors complete and check them.", "lowbit config schema > lowbit.schema.json");
        command.SetAction(_ => Console.Write(ConfigurationSchema.Json()));
        return command;
    }

    static bool IsValid(string file, string[] overrides)
    {
        try
        {
            foreach (string warning in ConfigurationReader.Read(file, overrides).Warnings) Console.Error.WriteLine($"warning: {warning}");
            Console.WriteLine($"{file}: valid");
            return true;
        }
        catch (ConfigurationException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return false;
        }
    }
}
