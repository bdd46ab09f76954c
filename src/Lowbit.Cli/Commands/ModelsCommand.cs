using System.CommandLine;
using System.Globalization;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Graphs;
using Lowbit.Models;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit models</c>: the zoo; <c>lowbit models NAME</c>: one network, node by node.</summary>
static class ModelsCommand
{
    static readonly int[] BitWidths = [8, 4, 2, 1];

    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "A model, to list its layers.", Arity = ArgumentArity.ZeroOrOne };
        var size = new Option<int>("--image-size") { Description = "Height and width of the images.", DefaultValueFactory = _ => 32 };
        var channels = new Option<int>("--channels") { Description = "Channels of the images.", DefaultValueFactory = _ => 3 };
        var classes = new Option<int>("--classes") { Description = "Classes to tell apart.", DefaultValueFactory = _ => 10 };
        var weightBits = new Option<int>("--weight-bits") { Description = "Bits of weights, in a quantized network.", DefaultValueFactory = _ => 8 };
        var actBits = new Option<int>("--act-bits") { Description = "Bits of activations, in a quantized network.", DefaultValueFactory = _ => 8 };
        var command = new ExampledCommand("models", "List the models, or the layers of one.", """
            lowbit models
            lowbit models quant_resnet20 --weight-bits 4 --act-bits 4
            """) { name, size, channels, classes, weightBits, actBits };
        command.SetAction(parsed =>
        {
            foreach (var (option, value, least, most) in new[] { ("--image-size", parsed.GetValue(size), 4, 4_096), ("--channels", parsed.GetValue(channels), 1, 1_024), ("--classes", parsed.GetValue(classes), 1, 1_000_000) })
                if (value < least || value > most) throw new ConfigurationException([$"{option} is {value}; it must be {least} to {most}"]);
            var input = new Shape(parsed.GetValue(channels), parsed.GetValue(size), parsed.GetValue(size));
            Console.Write(parsed.GetValue(name) is { } model
                ? OneModel(new(model, input, parsed.GetValue(classes)), parsed.GetValue(weightBits), parsed.GetValue(actBits))
                : AllModels(input, parsed.GetValue(classes)));
        });
        return command;
    }

    static string OneModel(ModelSpec model, int weightBits, int actBits)
    {
        if (!ModelZoo.Names.Contains(model.Name))
            throw new ConfigurationException([$"lowbit models: {model.Name} is not a model{NearestName.Hint(model.Name, ModelZoo.Names)}"]);
        foreach (var (option, bits) in new[] { ("--weight-bits", weightBits), ("--act-bits", actBits) })
            if (bits is < 1 or > 8) throw new ConfigurationException([$"{option} is {bits}; it must be 1 to 8"]);
        return Summary.Of(ModelZoo.Build(model, ConfiguredModel.Specification(new() { WeightBitWidth = weightBits, ActBitWidth = actBits }))).ToString();
    }

    /// <summary>The table of the zoo: bytes of float32, and of the quantized twin at each bit width (first and last layer 8 bits).</summary>
    static string AllModels(Shape input, int classes)
    {
        string[] header = ["model", "parameters", "MACs", "32 bits", .. BitWidths.Select(bits => $"{bits} bit{(bits == 1 ? "" : "s")}")];
        return TextTable.Format([header, .. ModelZoo.Names.Select(name => Row(name, input, classes))]) +
            "Bytes of all parameters; the quantized ones with their first and last layer at 8 bits.\n";
    }

    static string[] Row(string name, Shape input, int classes)
    {
        var model = new ModelSpec(name, input, classes);
        bool quantized = ModelZoo.IsQuantized(name);
        Summary summary = Summary.Of(ModelZoo.Build(model));
        return
        [
            name, Number(summary.Parameters), Number(summary.Macs), Number(summary.FloatBytes),
            .. BitWidths.Select(bits => quantized ? Number(Summary.Of(ModelZoo.Build(model, new() { WeightBitWidth = bits, ActivationBitWidth = bits })).PackedBytes) : ""),
        ];
    }

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
