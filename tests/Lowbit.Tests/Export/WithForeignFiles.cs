using Lowbit.Export;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>Tests that run files of others by each engine.</summary>
public abstract class WithForeignFiles : IDisposable
{
    protected static readonly OnnxEngine[] Engines = [OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime, OnnxEngine.OnnxRuntimePlain];

    readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public static TheoryData<OnnxEngine> AllEngines => [.. Engines];

    public void Dispose()
    {
        scope.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static double[] Run(OnnxFile file, OnnxEngine engine, Tensor images)
    {
        using var network = OnnxNetwork.Load(file.Path, engine);
        return network.Run(images).data<double>().ToArray();
    }

    protected static string Refusal(Action run) => Assert.ThrowsAny<LowbitException>(run).Message;
}
