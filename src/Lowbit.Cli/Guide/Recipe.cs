using System.Globalization;
using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Models;

namespace Lowbit.Cli.Guide;

/// <summary>A way of training that suits any network of the zoo, at any width: a file of configs/recipes, which comes with the command.</summary>
/// <param name="Name">short, day or paper.</param>
sealed partial record Recipe(string Name)
{
    const string Place = "Lowbit.Cli.Recipes.";

    /// <summary>Every recipe's name, in the order of their length.</summary>
    public static IReadOnlyList<string> Names { get; } = ["short", "day", "paper"];

    /// <summary>The file for a network: its name, and its text.</summary>
    /// <param name="model">The network.</param>
    /// <param name="bits">Bits of weights, and of activations where nothing else is said; null for a float network.</param>
    /// <param name="actBits">Bits of activations.</param>
    /// <exception cref="ConfigurationException">There is no such network, or its bits are missing, wrong or too many.</exception>
    public (string File, string Yaml) For(string model, string? bits, string? actBits)
    {
        ConfigurationKey key = new("model", "name"), width = new("quantization", "weight_bit_width");
        Question.Of("--model", "", null, key).Require(model);
        StartingPoint.RefuseBits(model, bits ?? actBits);
        string yaml = ModelName().Replace(Template(), $"  name: {model}");
        if (!ModelZoo.IsQuantized(model)) return ($"{model}_{Name}.yaml", Quantization().Replace(yaml, ""));

        if (bits is null) throw new ConfigurationException([$"--recipe {Name}: give --bits for {model}"]);
        int weights = Width("--bits", bits), activations = actBits is null ? weights : Width("--act-bits", actBits);
        yaml = yaml.Replace("weight_bit_width: 4", $"weight_bit_width: {weights}", StringComparison.Ordinal)
            .Replace("act_bit_width: 4", $"act_bit_width: {activations}", StringComparison.Ordinal)
            .Replace("stages: [float, 4]", $"stages: [float, {Math.Min(weights, activations)}]", StringComparison.Ordinal);
        return (weights == activations ? $"{model}_{weights}bit_{Name}.yaml" : $"{model}_w{weights}a{activations}_{Name}.yaml", yaml);

        int Width(string option, string text) => int.Parse(Question.Of(option, "", null, width).Require(text), NumberStyles.Integer, CultureInfo.InvariantCulture);
    }

    string Template()
    {
        using var reader = new StreamReader(typeof(Recipe).Assembly.GetManifestResourceStream($"{Place}{Name}.yaml")!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("(?<=^model:\n)  name: quant_resnet20$", RegexOptions.Multiline)]
    private static partial Regex ModelName();

    /// <summary>The section, with the comment above it and the empty line after it.</summary>
    [GeneratedRegex("(^#.*\n)*^quantization:\n(  .*\n)+\n", RegexOptions.Multiline)]
    private static partial Regex Quantization();
}
