using System.CommandLine;
using System.Globalization;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Training;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit export RUN</c>: a trained network as a file for others, proven to give its logits.</summary>
static class ExportCommand
{
    static readonly Dictionary<string, ExportFormat> Formats = ExportFormats.All.ToDictionary(entry => entry.Name, entry => entry.Format);

    static readonly Dictionary<string, ExportTarget> Targets = new()
    {
        ["any"] = ExportTarget.Any,
        ["finn"] = ExportTarget.Finn,
        ["finn-0.10"] = ExportTarget.Finn010,
        ["hls4ml"] = ExportTarget.Hls4ml,
        ["onnxruntime"] = ExportTarget.OnnxRuntime,
        ["openvino"] = ExportTarget.OpenVino,
    };

    static readonly Dictionary<string, BatchNormForm> BatchNorms = new() { ["fold"] = BatchNormForm.Fold, ["keep"] = BatchNormForm.Keep };

    static readonly Dictionary<string, WeightStorage?> Storages = new() { ["auto"] = null, ["int8"] = WeightStorage.Int8, ["int4"] = WeightStorage.Int4, ["bits"] = WeightStorage.Bits };

    static readonly Dictionary<string, ExportInput> Inputs = new() { ["pixels"] = ExportInput.Pixels, ["normalized"] = ExportInput.Normalized };

    /// <summary>Standard ONNX.</summary>
    const string Standard = "qcdq";

    /// <summary>The format that is no ONNX: a Brevitas state dict.</summary>
    const string StateDict = "safetensors";

    /// <summary>The format that is no ONNX either: an integer network as JSON.</summary>
    const string Integers = "integers";

    static readonly Option<string> Format = Choice("--format", [.. Formats.Keys, Integers, StateDict],
        string.Concat(ExportFormats.All.Select(entry => $"{entry.Name} {entry.Purpose}, ")) + "integers (JSON) for programs of your own, safetensors (a state dict) for Brevitas.");
    static readonly Option<string> Target = Choice("--target", Targets.Keys, "The tool that reads the file: finn, finn-0.10 and hls4ml, whose rules are checked, for qonnx; onnxruntime and openvino for qcdq.");
    static readonly Option<string> Input = Choice("--input", Inputs.Keys, "Whether the file takes raw pixels, 0 to 255, or normalized images.");
    static readonly Option<string> Output = new("--output", "-o") { Description = "The file to write.", Required = true, HelpName = "file" };
    static readonly Option<string> Batch = new("--batch") { Description = "Images that the file takes at a time, or open for any number.", HelpName = "N|open", DefaultValueFactory = _ => "1" };
    static readonly Option<string> BatchNorm = Choice("--batch-norm", BatchNorms.Keys, "fold batch norms into a qcdq file's scales and int32 biases, so that engines compute in integers, or keep them as float nodes.");
    static readonly Option<string> Weights = Choice("--weights", Storages.Keys, "How a folded qcdq file holds weights: int8, int4, or packed bits; by default the smallest that the target computes in integers.");
    static readonly Option<bool> Bench = new("--bench") { Description = "Time a qcdq file in ONNX Runtime beside the float network's." };
    static readonly Option<int?> Opset = new("--opset") { Description = "Opset of a qcdq file whose batch norms are kept, 13 or 21; by default 21 where its 4-bit integers make the file smaller." };
    static readonly Option<bool> QuantizedWeights = new("--quantized-weights") { Description = "Write weights as their quantizers leave them, into a QONNX file." };
    static readonly Option<string?> TestVectors = new("--test-vectors") { Description = "Write test images and their logits, too.", HelpName = "file.safetensors" };
    static readonly Option<int> TestImages = new("--test-images") { Description = "Images in the test vectors.", DefaultValueFactory = _ => 64 };
    static readonly Option<bool> NoVerify = new("--no-verify") { Description = "Keep the file without running it on test images." };
    static readonly Option<string?> Like = new("--like") { Description = "For safetensors: a state dict of the same network, whose names are used.", HelpName = "file.safetensors" };
    static readonly Option<string?> Root = RootOption.Create();
    static readonly Option<string?> Images = ImagesOption.Create();

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run folder (its best checkpoint, else the latest), or a checkpoint file." };
        var command = new ExampledCommand("export", "Write a trained network as QONNX, standard ONNX or integers, and prove that the file gives its logits; or as a state dict.", """
            lowbit export experiments/cifar10/first --format qonnx -o model.onnx
            lowbit export experiments/cifar10/first --format qcdq --target onnxruntime --bench -o model.onnx
            lowbit export experiments/cifar10/first --format integers -o model.json
            """)
        {
            run, Format, Output, Target, Input, Batch, BatchNorm, Weights, Bench, Opset, QuantizedWeights, TestVectors, TestImages, NoVerify, Like, Root, Images,
        };
        command.SetAction(parsed => parsed.GetValue(Format) switch
        {
            StateDict => ExportState(parsed, parsed.GetValue(run)!),
            Integers => ExportIntegers(parsed, parsed.GetValue(run)!),
            _ => Export(parsed, parsed.GetValue(run)!),
        });
        return command;
    }

    static int ExportState(ParseResult parsed, string run)
    {
        string path = parsed.GetValue(Output)!;
        parsed.Refuse([Target, Input, Batch, BatchNorm, Weights, Bench, Opset, QuantizedWeights, TestVectors, TestImages, NoVerify, Root, Images], $"is not for --format {StateDict}");
        var (checkpoint, tensors) = BrevitasRun.Export(run, path, parsed.GetValue(Like));
        Console.WriteLine($"{path}: the state dict of {checkpoint}, {tensors} tensors under Brevitas's names");
        return ExitCode.Done;
    }

    static int ExportIntegers(ParseResult parsed, string run)
    {
        parsed.Refuse([Target, Input, Batch, BatchNorm, Weights, Bench, Opset, QuantizedWeights, TestVectors, TestImages, Like], $"is not for --format {Integers}");
        string path = parsed.GetValue(Output)!;
        IntegerExportResult result = IntegerExport.Write(run, path, new() { Verify = !parsed.GetValue(NoVerify), Root = parsed.GetValue(Root), Images = ImagesOf(parsed) });
        Console.Write(ExportLines.Of(result, path));
        return ExitCode.Done;
    }

    static int Export(ParseResult parsed, string run)
    {
        parsed.Refuse([Like], $"is for --format {StateDict}");
        if (parsed.GetValue(Format) != Standard) parsed.Refuse([BatchNorm, Weights, Bench], $"is not for --format {parsed.GetValue(Format)}");
        var options = new ExportOptions
        {
            Format = Formats[parsed.GetValue(Format)!],
            Target = Targets[parsed.GetValue(Target)!],
            Input = Inputs[parsed.GetValue(Input)!],
            Batch = BatchOf(parsed.GetValue(Batch)!),
            BatchNorm = BatchNorms[parsed.GetValue(BatchNorm)!],
            Weights = Storages[parsed.GetValue(Weights)!],
            Opset = parsed.GetValue(Opset),
            QuantizedWeights = parsed.GetValue(QuantizedWeights),
        };
        var extras = new RunExportOptions
        {
            Verify = !parsed.GetValue(NoVerify),
            TestVectors = parsed.GetValue(TestVectors),
            TestVectorImages = AtLeastOne(parsed.GetValue(TestImages)),
            Root = parsed.GetValue(Root),
            Images = ImagesOf(parsed),
        };
        string path = parsed.GetValue(Output)!;
        RunExportResult result = RunExport.Write(run, path, options, extras);
        Console.Write(ExportLines.Of(result, path, extras.TestVectors));
        if (options.Format == ExportFormat.Qcdq) Console.Write(RuntimeLines.Of(path));
        if (parsed.GetValue(Bench)) Console.Write(RuntimeLines.Speed(run, path, options.Batch));
        return ExitCode.Done;
    }

    static Func<DatasetInfo, IImageSource>? ImagesOf(ParseResult parsed) =>
        parsed.GetValue(Images) is { } file ? info => RunImages.Read(file, info) : null;

    static int? BatchOf(string text) => text == "open" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size >= 1 ? size
        : throw new ConfigurationException([$"--batch is {text}; it must be a number of images, 1 or more, or open"]);

    static int AtLeastOne(int images) => images >= 1 ? images : throw new ConfigurationException([$"--test-images is {images}; it must be 1 or more"]);

    static Option<string> Choice(string name, IEnumerable<string> values, string description)
    {
        string[] names = [.. values];
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => names[0] };
        option.AcceptOnlyFromAmong(names);
        return option;
    }
}
