using System.CommandLine;
using Lowbit.Configuration;
using Lowbit.Export;

namespace Lowbit.Cli.Commands;

/// <summary><c>--engine</c>: what runs an ONNX file.</summary>
static class EngineOption
{
    static readonly Dictionary<string, OnnxEngine> Engines = new()
    {
        ["auto"] = OnnxEngine.Automatic,
        ["interpreter"] = OnnxEngine.Interpreter,
        ["onnxruntime"] = OnnxEngine.OnnxRuntime,
        ["onnxruntime-plain"] = OnnxEngine.OnnxRuntimePlain,
    };

    public static Option<string> Create()
    {
        var engine = new Option<string>("--engine")
        {
            Description = "auto (the interpreter for QONNX, ONNX Runtime for the rest), interpreter, onnxruntime, or onnxruntime-plain (without graph optimizations).",
            DefaultValueFactory = _ => "auto",
        };
        engine.CompletionSources.Add([.. Engines.Keys]);
        return engine;
    }

    public static OnnxEngine Read(string name) => Engines.TryGetValue(name, out var engine)
        ? engine
        : throw new ConfigurationException([$"--engine is {name}; it must be {string.Join(", ", Engines.Keys)}{NearestName.Hint(name, Engines.Keys)}"]);
}
