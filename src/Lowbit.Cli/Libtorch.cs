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
        string own = Path.Combine(AppContext.BaseDirectory, "libtorch");
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return ProblemOf(named);
        AppDomain.CurrentDomain.AssemblyLoad += (sender, loaded) =>
        {
            if (loaded.LoadedAssembly.GetName().Name != "TorchSharp") return;
            foreach (string name in Names) NativeLibrary.TryLoad(Path.Combine(own, FileOf(name)), out _);
        };
        return null;
    }

    /// <summary>Loads the libtorch that a user names, at once: were it found wrong later, TorchSharp would look elsewhere and take another.</summary>
    static string? ProblemOf(string named)
    {
        string folder = Path.GetFullPath(named), needed = FileOf("torch_cpu");
        if (!File.Exists(Path.Combine(folder, needed)))
            return $"{Variable} is {Printable.Short(named, longest: 200)}; it must be a folder with {needed}, such as the folder lib of a libtorch or of PyTorch";
        try
        {
            foreach (string path in Names.Select(name => Path.Combine(folder, FileOf(name))).Where(File.Exists)) NativeLibrary.Load(path);
            return null;
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            return $"{Variable} is {Printable.Short(named, longest: 200)}, whose libtorch cannot be loaded: {Printable.Short(problem.Message.ReplaceLineEndings(" "), longest: 400)}";
        }
    }

    static string FileOf(string name) => OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
