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
        var command = new Command("verify", "Compare an ONNX file's logits with test vectors.") { model, vectors, engine };
        command.SetAction(parsed => Verify(parsed.GetValue(model)!, parsed.GetValue(vectors)!, EngineOption.Read(parsed.GetValue(engine)!)));
        return command;
    }

    static int Verify(string model, string vectors, OnnxEngine engine)
    {
        using var network = OnnxNetwork.Load(model, engine);
        var comparison = TestVectorComparison.Of(network, vectors);
        Console.WriteLine(
            $"{model}: logits of {comparison.Images} images differ by {Figures.Number(comparison.Difference, "0.0e+0")} of their largest "
            + $"({Figures.Number(TestVectorComparison.Tolerance, "0e+0")} is allowed), top-1 is the same for {comparison.SameTop1}");
        return comparison.Agrees ? ExitCode.Done : ExitCode.Failure;
    }
}
