using System.CommandLine;
using Lowbit.Cli.Display;
using Lowbit.Export;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit verify MODEL.onnx --test-vectors FILE</c>: whether a file gives the logits that were written beside it.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "An ONNX file." };
        var vectors = new Option<string>("--test-vectors") { Description = "A safetensors file with images x and their eval_logits.", HelpName = "file", Required = true };
        var engine = EngineOption.Create();
        var running = new OnnxRunOption();
        var command = new ExampledCommand("verify", "Compare an ONNX file's logits with test vectors.", """
            lowbit verify model.onnx --test-vectors vectors.safetensors
            """) { model, vectors, engine };
        running.AddTo(command);
        command.SetAction(parsed => Verify(parsed.GetValue(model)!, parsed.GetValue(vectors)!, running.Read(parsed, EngineOption.Read(parsed.GetValue(engine)!))));
        return command;
    }

    static int Verify(string model, string vectors, OnnxRunOptions options)
    {
        using var network = OnnxNetwork.Load(model, options);
        foreach (string notice in network.Notices) Console.Error.WriteLine(notice);
        var comparison = TestVectorComparison.Of(network, vectors);
        Console.WriteLine(
            $"{model}: logits of {comparison.Images} images differ by {Figures.Number(comparison.Difference, "0.0e+0")} of their largest "
            + $"({Figures.Number(TestVectorComparison.Tolerance, "0e+0")} is allowed), top-1 is the same for {comparison.SameTop1}"
            + (comparison.Ties == 0 ? "" : $"; {comparison.Ties} images more hang on a rounding tie: with one value rounded the other way they have the logits expected"));
        return comparison.Agrees ? ExitCode.Done : ExitCode.Failure;
    }
}
