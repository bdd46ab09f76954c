using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Models;
using Lowbit.Training;

namespace Lowbit.Cli.Guide;

/// <summary>From answers, given as options or asked for, to a configuration.</summary>
/// <param name="given">The value of an option by its name; null where it was not given.</param>
/// <param name="ask">Asks; null where nobody can be asked.</param>
/// <param name="takeDefaults">Whether defaults answer what is not given.</param>
sealed class Interview(Func<string, string?> given, Func<Question, string>? ask, bool takeDefaults)
{
    /// <summary>Options without which nothing is written unasked; that of bits only for a quantized network.</summary>
    static readonly string[] Needed = ["--dataset", "--model", "--bits", "--minutes"];

    static readonly ConfigurationKey
        Dataset = new("dataset", "name"), Root = new("dataset", "root"), Model = new("model", "name"),
        WeightBits = new("quantization", "weight_bit_width"), ActBits = new("quantization", "act_bit_width"), Minutes = new("training", "max_minutes");

    static readonly ConfigurationKey[] Always =
        [new("training", "batch_size"), new("training", "epochs"), Minutes, new("optimizer", "name"), new("optimizer", "learning_rate")];

    /// <summary>Whether a question was put to the user.</summary>
    public bool HasAsked { get; private set; }

    /// <summary>The configuration, and which of its keys are to be shown.</summary>
    /// <exception cref="ConfigurationException">An answer is missing, or is none.</exception>
    public (RunConfiguration Configuration, IReadOnlyList<ConfigurationKey> Keys) Run()
    {
        RequireAnswers();
        string dataset = Answer(Question.Of("--dataset", "Images to train on", StartingPoint.Dataset, Dataset));
        StartingPoint start = StartingPoint.For(dataset);
        DatasetOptions images = new() { Name = dataset };
        if (StartingPoint.IsFolder(dataset))
        {
            string root = Answer(new("--root", "Folder of the images", null, path => RootProblem(images, path), "with train/CLASS/* and val/CLASS/* in it"));
            images = images with { Root = ExpandedPath.Of(root).Path };
        }
        else if (given("--root") is { } root) images = images with { Root = ExpandedPath.Of(Question.Of("--root", "", null, Root).Require(root)).Path };
        string model = Answer(new("--model", "Network", start.Model, name => Model.Problem(name) ?? Misfit(images, name),
            $"lowbit models lists all {ModelZoo.Names.Count}; {ModelZoo.QuantizedPrefix} before a name makes it the quantized one"));
        bool quantized = ModelZoo.IsQuantized(model);
        StartingPoint.RefuseBits(model, given("--bits") ?? given("--act-bits"));
        QuantizationOptions quantization = quantized ? Bits() : new();
        double minutes = Number(Answer(Question.Of("--minutes", "Minutes to spend", Text(start.Minutes), Minutes, "the number of epochs follows from them when training begins")));
        return (
            new()
            {
                Dataset = images,
                Model = new() { Name = model },
                Quantization = quantization,
                Training = start.Training with { MaxMinutes = minutes },
                Optimizer = start.Optimizer,
            },
            [Dataset, .. images.Root != new DatasetOptions().Root ? (ConfigurationKey[])[Root] : [], Model, .. quantized ? (ConfigurationKey[])[WeightBits, ActBits] : [], .. Always]);
    }

    /// <summary>The answer to a question: the option, else what is asked for, else the default.</summary>
    public string Answer(Question question)
    {
        if (given(question.Option) is { } answer) return question.Require(answer);
        if (ask is not null && !takeDefaults)
        {
            HasAsked = true;
            return ask(question);
        }
        return question.Default ?? throw new ConfigurationException([$"lowbit new: give {question.Option}, for which there is no default"]);
    }

    QuantizationOptions Bits()
    {
        string weights = Answer(Question.Of("--bits", "Bits of weights", Text(StartingPoint.Bits), WeightBits));
        string activations = given("--act-bits") is null && given("--bits") is not null ? weights : Answer(Question.Of("--act-bits", "Bits of activations", weights, ActBits));
        return new() { WeightBitWidth = (int)Number(weights), ActBitWidth = (int)Number(activations) };
    }

    void RequireAnswers()
    {
        if (ask is not null || takeDefaults) return;
        string[] missing = [.. Needed
            .Where(option => given(option) is null && !(option == "--bits" && given("--model") is { } model && !ModelZoo.IsQuantized(model)))];
        if (missing.Length > 0)
            throw new ConfigurationException([$"lowbit new asks its questions on a terminal, and here is none: give {All(missing)}, or --yes for the defaults"]);
    }

    static string All(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    static string? RootProblem(DatasetOptions images, string path)
    {
        if (Root.Problem(path) is { } problem) return problem;
        try
        {
            Datasets.Describe(images with { Root = ExpandedPath.Of(path).Path });
            return null;
        }
        catch (LowbitException wrong)
        {
            return $"a folder of images: {wrong.Message}";
        }
    }

    /// <summary>Why a network cannot take the images of a dataset, by building it.</summary>
    static string? Misfit(DatasetOptions images, string model)
    {
        try
        {
            ConfiguredModel.Build(new() { Model = new() { Name = model }, Dataset = images }, Datasets.Describe(images));
            return null;
        }
        catch (LowbitException wrong)
        {
            return $"a network for such images: {wrong.Message}";
        }
    }

    static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
