using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Inference;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit predict RUN IMAGE...</c>: what a trained network sees on images.</summary>
static class PredictCommand
{
    const int MostClasses = 1_000_000;

    static readonly Argument<string> Network = new("run")
    {
        Description = "A run folder (its best checkpoint, else the latest), a checkpoint file, an ONNX file (QONNX, QCDQ or float), or an integer network (JSON).",
    };

    static readonly Argument<string[]> Images = new("image")
    {
        Description = "Image files (JPEG, PNG, BMP, GIF, WebP), or folders, of which all images are taken, those in their folders, too.",
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<int> Top = new("--top") { Description = "Show this many classes of each image, the most probable ones.", DefaultValueFactory = _ => 5, HelpName = "N" };
    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object a line and image, and nothing else, on standard output." };
    static readonly Option<string?> Classes = new("--classes") { Description = "A text file with the name of a class in each line; by default the names that the network knows.", HelpName = "file.txt" };
    static readonly Option<string?> Shape = ImageShapeOption.Create();
    static readonly Option<PixelScaling> Input = new("--input")
    {
        Description = "For an ONNX file: what it takes, pixels (0 to 255), unit (0 to 1) or normalized; by default what its metadata says, else pixels.",
    };

    static readonly Option<string> Engine = EngineOption.Create();
    static readonly OnnxRunOption Running = new();

    public static Command Create()
    {
        var command = new ExampledCommand("predict", "Tell what images show: the most probable classes, by any network that was trained or exported.", """
            lowbit predict runs/cifar10/quant_resnet20 cat.jpg
            lowbit predict model.onnx photos --top 1 --json > predictions.jsonl
            lowbit predict resnet50.onnx cat.jpg --input normalized --classes imagenet.txt
            """)
        {
            Network, Images, Top, Json, Classes, Input, Shape, Engine,
        };
        Running.AddTo(command);
        command.SetAction(Predict);
        return command;
    }

    static int Predict(ParseResult parsed)
    {
        int top = parsed.GetValue(Top);
        if (top is < 1 or > MostClasses) throw new ConfigurationException([$"--top is {top}; it must be 1 to {MostClasses}"]);
        string network = parsed.GetValue(Network)!;
        if (!network.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            parsed.Refuse([Input, Shape, Engine, .. Running.All], $"is for an ONNX file, and {network} is none: what it takes is known");
        using var interruption = new Interruption();
        ImagePaths paths = ImagePaths.Of(parsed.GetValue(Images)!);
        using Classifier classifier = Classifier.Open(network, new()
        {
            Onnx = Running.Read(parsed, EngineOption.Read(parsed.GetValue(Engine)!)),
            Input = parsed.GetValue(Input),
            ImageShape = ImageShapeOption.Read(parsed.GetValue(Shape)),
            ClassNames = parsed.GetValue(Classes),
        });
        var display = new PredictionDisplay(classifier, paths, top, parsed.GetValue(Json));
        int skipped = display.Show(Predictions.Of(classifier, paths.Files, interruption.Token));
        return skipped > 0 ? ExitCode.Failure : ExitCode.Done;
    }
}
