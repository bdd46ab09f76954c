using Lowbit.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Files that Brevitas's own exporters wrote give the logits that Brevitas computed.</summary>
public class BrevitasFileTests
{
    const double Tolerance = 1e-5;

    public static IEnumerable<TheoryDataRow<string, OnnxEngine>> Runs => Names.SelectMany(name => EnginesFor(name).Select(engine => new TheoryDataRow<string, OnnxEngine>(name, engine)));

    [Theory, MemberData(nameof(Runs))]
    public void A_file_of_Brevitas_gives_its_logits(string name, OnnxEngine engine)
    {
        using var scope = NewDisposeScope();
        var vectors = GoldenFiles.Tensors(name.Split('.')[0]);
        using var network = OnnxNetwork.Load(GoldenFiles.PathOf(name), engine);
        Close.Assert(vectors["eval_logits"], network.Run(vectors["x"]), Tolerance, "the logits");
    }

    static IEnumerable<string> Names => GoldenFiles.Names("*.onnx");

    static OnnxEngine[] EnginesFor(string name) => name.EndsWith(".qcdq.onnx", StringComparison.Ordinal)
        ? [OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime, OnnxEngine.OnnxRuntimePlain]
        : [OnnxEngine.Interpreter];
}
