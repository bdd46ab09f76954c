using System.Text.Json.Nodes;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests;

/// <summary>
/// Reference vectors: those of Golden/, and larger ones from the folder that LOWBIT_GOLDEN names, else ../shared/golden beside the repository. Tests of the large ones skip
/// where they are absent.
/// </summary>
static class GoldenFiles
{
    /// <summary>The folder that holds Lowbit.slnx.</summary>
    public static string Repository { get; } = FindRepository(AppContext.BaseDirectory);

    static string[] Folders { get; } =
        [Path.Combine(Repository, "tests", "Lowbit.Tests", "Golden"), Environment.GetEnvironmentVariable("LOWBIT_GOLDEN") ?? Path.Combine(Repository, "..", "shared", "golden")];

    /// <summary>The names of all files that are there and match a pattern, such as *.onnx.</summary>
    public static IEnumerable<string> Names(string pattern) =>
        Folders.Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, pattern)).Select(path => Path.GetFileName(path)).Distinct().Order();

    /// <summary>Where a file is, or would be.</summary>
    public static string PathOf(string file) => Folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists) ?? Path.Combine(Folders[^1], file);

    /// <summary>The cases of NAME.json.</summary>
    public static IEnumerable<string> CasesOf(string name, Func<JsonObject, bool> which) =>
        Json(name).AsArray().Select(entry => entry!.AsObject()).Where(which).Select(entry => (string)entry["case"]!);

    public static JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name + ".json")))!;

    public static JsonObject Case(string name, string @case) => Json(name).AsArray().First(entry => (string?)entry!["case"] == @case)!.AsObject();

    /// <summary>The tensors of NAME.safetensors whose names begin with a prefix, which is cut off; they belong to the caller's scope.</summary>
    public static Dictionary<string, torch.Tensor> Tensors(string name, string prefix = "")
    {
        var file = Safetensors.Read(PathOf(name + ".safetensors"));
        return file.Tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
    }

    public static void SkipIfAbsent(string file) => Assert.SkipUnless(File.Exists(PathOf(file)), $"{PathOf(file)} is not there (set LOWBIT_GOLDEN)");

    static string FindRepository(string folder) =>
        File.Exists(Path.Combine(folder, "Lowbit.slnx")) ? folder : FindRepository(Path.GetDirectoryName(folder)!);
}
