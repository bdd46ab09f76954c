using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Export.Inspection;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit inspect MODEL.onnx</c>: what a file holds and does.</summary>
static class InspectCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "An ONNX file: QONNX, QCDQ or float, written by Lowbit or others." };
        Option<string?> shape = ImageShapeOption.Create();
        var command = new ExampledCommand("inspect", "Show what an ONNX file holds: nodes, bit widths, scales, multiplications and bytes.", """
            lowbit inspect model.onnx
            lowbit inspect resnet50.onnx --image-shape 3x224x224
            """) { model, shape };
        var running = new OnnxRunOption();
        running.AddBudgetTo(command);
        command.SetAction(parsed =>
        {
            var file = OnnxInspection.Of(parsed.GetValue(model)!, ImageShapeOption.Sizes(parsed.GetValue(shape)), running.ReadBudget(parsed));
            foreach (string notice in file.Notices) Console.Error.WriteLine(notice);
            Console.Write(InspectionText.Format(file));
        });
        return command;
    }
}
