using System.CommandLine;
using Lowbit.Configuration;
using Lowbit.Export;

namespace Lowbit.Cli.Commands;

/// <summary><c>--output</c>, <c>--max-memory</c> and <c>--max-operations</c>: which output of an ONNX file is read, and what the file may take.</summary>
sealed class OnnxRunOption
{
    readonly Option<string?> output = new("--output") { Description = "For an ONNX file of several outputs: the name of the one with the logits.", HelpName = "name" };
    readonly Option<double?> memory = new("--max-memory") { Description = "GiB that an ONNX file may take at a time; 4 by default.", HelpName = "GiB" };
    readonly Option<double?> operations = new("--max-operations") { Description = "Operations that an ONNX file may take for an image; 1e11 by default.", HelpName = "number" };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [output, memory, operations];

    /// <summary>Adds the options to a command that runs files.</summary>
    public void AddTo(Command command)
    {
        command.Add(output);
        AddBudgetTo(command);
    }

    /// <summary>Adds what a file may take to a command.</summary>
    public void AddBudgetTo(Command command)
    {
        command.Add(memory);
        command.Add(operations);
    }

    /// <exception cref="ConfigurationException">One of them is not more than 0.</exception>
    public OnnxRunOptions Read(ParseResult parsed, OnnxEngine engine) => new() { Engine = engine, Output = parsed.GetValue(output), Budget = ReadBudget(parsed) };

    /// <inheritdoc cref="Read"/>
    public OnnxBudget ReadBudget(ParseResult parsed)
    {
        double gigabytes = Positive("--max-memory", parsed.GetValue(memory)) ?? OnnxBudget.Default.Memory / (double)(1L << 30);
        return new() { Memory = (long)Math.Min(gigabytes * (1L << 30), long.MaxValue / 2), Operations = Positive("--max-operations", parsed.GetValue(operations)) ?? OnnxBudget.Default.Operations };
    }

    static double? Positive(string name, double? value) =>
        value is null or > 0 ? value : throw new ConfigurationException([$"{name} is {value}; it must be more than 0"]);
}
