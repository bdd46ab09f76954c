using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit eval RUN</c>, and <c>lowbit eval MODEL.onnx</c> or <c>MODEL.json --dataset NAME</c>: how good a network is, class by class.</summary>
static class EvalCommand
{
    /// <summary>Images at a time for a file, which has no batch size of its own for it.</summary>
    const int FileBatch = 64;

    const string Onnx = ".onnx", Integers = ".json";

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run folder (its best checkpoint, else the latest), a checkpoint file, an ONNX file, or an integer network (JSON)." };
        var root = RootOption.Create();
        var dataset = new Option<string?>("--dataset") { Description = $"For a file: the dataset, {string.Join(", ", Datasets.Names)}." };
        var size = new Option<int?>("--image-size") { Description = "For a file: grow or shrink images to squares of this many pixels." };
        Option<string?> images = ImagesOption.Create();
        var input = new Option<PixelScaling>("--input")
        {
            Description = "For an ONNX file: what it takes, pixels (0 to 255), unit (0 to 1) or normalized; by default what its metadata says, else pixels.",
        };
        var engine = EngineOption.Create();
        var running = new OnnxRunOption();
        var limit = new Option<int?>("--limit") { Description = "Evaluate on the first images only, this many." };
        var command = new ExampledCommand("eval", "Evaluate a trained network, an ONNX file or an integer network on test images.", """
            lowbit eval experiments/digits/quant_cnv_2026-11-24_12-30-03
            lowbit eval model.onnx --dataset cifar10 --root ~/datasets
            """) { run, root, images, dataset, size, input, engine, limit };
        running.AddTo(command);
        command.SetAction(parsed =>
        {
            string network = parsed.GetValue(run)!;
            if (parsed.GetValue(limit) is < 1) throw new ConfigurationException([$"--limit is {parsed.GetValue(limit)}; it must be at least 1"]);
            string? kind = new[] { Onnx, Integers }.FirstOrDefault(ending => network.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
            if (kind is null) parsed.Refuse([dataset, size, input, engine, .. running.All], "is for a file; a run has its own dataset and runs as it was trained");
            if (kind == Integers) parsed.Refuse([input, engine, .. running.All], "is not for an integer network, which takes raw pixels and has its own interpreter");
            if (kind is null) return EvaluateRun(network, parsed.GetValue(root), parsed.GetValue(images), parsed.GetValue(limit));
            if (parsed.GetValue(images) is not null) throw new ConfigurationException(["--images is for a run; a file takes --dataset"]);
            string name = parsed.GetValue(dataset) ?? throw new ConfigurationException([$"lowbit eval: {(kind == Onnx ? "an ONNX file" : "an integer network")} needs --dataset"]);
            if (!Datasets.Names.Contains(name))
                throw new ConfigurationException([$"--dataset is {name}; it must be {string.Join(", ", Datasets.Names)}{NearestName.Hint(name, Datasets.Names)}"]);
            if (parsed.GetValue(size) is < 4 or > 4096) throw new ConfigurationException([$"--image-size is {parsed.GetValue(size)}; it must be 4 to 4096"]);
            var source = new DatasetOptions { Name = name, ImageSize = parsed.GetValue(size) };
            if (parsed.GetValue(root) is { } folder) source = source with { Root = folder };
            if (kind == Integers) return EvaluateIntegers(network, source, parsed.GetValue(limit));
            return EvaluateFile(
                network, source, running.Read(parsed, EngineOption.Read(parsed.GetValue(engine)!)), parsed.GetValue(input), parsed.GetValue(limit));
        });
        return command;
    }

    static int EvaluateRun(string run, string? root, string? images, int? limit)
    {
        using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(run, preferBest: true));
        using DatasetSplits data = RunImages.Open(checkpoint, root, images is null ? null : RunImages.Read(images, checkpoint.Dataset));
        using Network network = checkpoint.BuildNetwork();
        DataLoader test = data.EvaluationLoader(First(data.Test, limit), checkpoint.Options.Training.BatchSize);
        Evaluation evaluation = Evaluation.Of(network, test.Epoch(0), Losses.Create(checkpoint.Options.Loss));
        Show($"{checkpoint.ModelName} after epoch {checkpoint.Position.Epoch} ({checkpoint.Path})", evaluation, test, data);
        return ExitCode.Done;
    }

    static int EvaluateFile(string path, DatasetOptions images, OnnxRunOptions options, PixelScaling input, int? limit)
    {
        using var network = OnnxNetwork.Load(path, options);
        foreach (string notice in network.Notices) Console.Error.WriteLine(notice);
        using DatasetSplits data = Datasets.Open(images);
        DataLoader test = data.EvaluationLoader(First(data.Test, limit), FileBatch);
        Evaluation evaluation = network.Evaluate(test.Epoch(0), data.Info, Losses.Create(new()), input);
        Show(path, evaluation, test, data);
        return ExitCode.Done;
    }

    static int EvaluateIntegers(string path, DatasetOptions images, int? limit)
    {
        IntegerNetwork network = IntegerNetworkFile.Read(path);
        using DatasetSplits data = Datasets.Open(images);
        DataLoader test = data.EvaluationLoader(First(data.Test, limit), FileBatch);
        Show(path, IntegerEvaluation.Of(network, test.Epoch(0), data.Info, Losses.Create(new())), test, data);
        return ExitCode.Done;
    }

    static IImageSource First(IImageSource images, int? limit) =>
        limit < images.Count ? new Subset(images, [.. Enumerable.Range(0, limit.Value)]) : images;

    static void Show(string network, Evaluation evaluation, DataLoader test, DatasetSplits data)
    {
        foreach (string notice in data.Notices) Console.Error.WriteLine(notice);
        if (test.Skipped > 0) Console.Error.WriteLine($"{test.Skipped:N0} of {test.Count:N0} test images are skipped: {test.SkippedImages[0]}");
        Console.WriteLine($"{network}, {test.Count - test.Skipped} test images of {data.Info.Name}");
        Console.WriteLine(Figures.Of(evaluation.Score));
        Console.WriteLine();
        Console.Write(ConfusionTable.Format(evaluation, data.Info.Classes));
    }
}
