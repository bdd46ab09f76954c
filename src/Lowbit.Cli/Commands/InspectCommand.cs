using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Configuration;
using Lowbit.Export.Inspection;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit inspect MODEL.onnx</c>: what a file holds and does.</summary>
static class InspectCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "An ONNX file: QONNX, QCDQ or float, written by Lowbit or others." };
        var shape = new Option<string?>("--image-shape") { Description = "The shape of one image, as in 3x32x32, where the file leaves it open.", HelpName = "CxHxW" };
        var command = new Command("inspect", "Show what an ONNX file holds: nodes, bit widths, scales, multiplications and bytes.") { model, shape };
        var running = new OnnxRunOption();
        running.AddBudgetTo(command);
        command.SetAction(parsed =>
        {
            var file = OnnxInspection.Of(parsed.GetValue(model)!, Sizes(parsed.GetValue(shape)), running.ReadBudget(parsed));
            foreach (string notice in file.Notices) Console.Error.WriteLine(notice);
            Console.Write(InspectionText.Format(file));
        });
        return command;
    }

    static int[]? Sizes(string? shape)
    {
        if (shape is null) return null;
        int[] sizes = [.. shape.Split('x').Select(size => int.TryParse(size, out int number) ? number : 0)];
        return sizes.All(size => size > 0) ? sizes : throw new ConfigurationException([$"--image-shape is {shape}; sizes as in 3x32x32 are expected"]);
    }
}
