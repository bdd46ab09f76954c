using System.Runtime.InteropServices;

namespace Lowbit.Cli;

/// <summary>
/// The libtorch that TorchSharp finds: the one that comes with this program, or the one of the folder that <c>LOWBIT_LIBTORCH</c> names, as for a GPU. A library that is
/// in the process already is taken by its name, so they are loaded as soon as TorchSharp is.
/// </summary>
static class Libtorch
{
    /// <summary>The environment variable that names another folder with libtorch.</summary>
    public const string Variable = "LOWBIT_LIBTORCH";

    static readonly string[] Names = ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"];

    /// <summary>Sees to it that TorchSharp finds libtorch; the problem, in a sentence, where the folder that the environment variable names has none.</summary>
    public static string? Provide()
    {
        string? named = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : null;
        string folder = Path.GetFullPath(named ?? Path.Combine(AppContext.BaseDirectory, "libtorch"));
        if (named is not null && !File.Exists(Path.Combine(folder, FileOf("torch_cpu"))))
            return $"{Variable} is {Printable.Short(named, longest: 200)}; it must be a folder with {FileOf("torch_cpu")}, such as the folder lib of a libtorch or of PyTorch";
        AppDomain.CurrentDomain.AssemblyLoad += (sender, loaded) =>
        {
            if (loaded.LoadedAssembly.GetName().Name != "TorchSharp") return;
            foreach (string name in Names) NativeLibrary.TryLoad(Path.Combine(folder, FileOf(name)), out _);
        };
        return null;
    }

    static string FileOf(string name) => OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
