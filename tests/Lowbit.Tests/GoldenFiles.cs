using System.Text.Json.Nodes;
using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Tests;

/// <summary>Reference vectors, from the folder that LOWBIT_GOLDEN names, else ../shared/golden beside the repository. Tests skip where it is absent.</summary>
static class GoldenFiles
{
    /// <summary>The folder that holds Lowbit.slnx.</summary>
    public static string Repository { get; } = FindRepository(AppContext.BaseDirectory);

    public static string Folder => Environment.GetEnvironmentVariable("LOWBIT_GOLDEN") ?? Path.Combine(Repository, "..", "shared", "golden");

    public static bool ArePresent => Directory.Exists(Folder);

    /// <summary>The cases of NAME.json; one that is null, where the folder is absent, so that its test can skip.</summary>
    public static IEnumerable<string?> CasesOf(string name, Func<JsonObject, bool> which) => ArePresent
        ? Json(name).AsArray().Select(entry => entry!.AsObject()).Where(which).Select(entry => (string?)entry["case"])
        : [null];

    public static JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;

    public static JsonObject Case(string name, string @case) => Json(name).AsArray().First(entry => (string?)entry!["case"] == @case)!.AsObject();

    /// <summary>The tensors of NAME.safetensors whose names begin with a prefix, which is cut off; they belong to the caller's scope.</summary>
    public static Dictionary<string, torch.Tensor> Tensors(string name, string prefix = "")
    {
        var file = Safetensors.Read(Path.Combine(Folder, name + ".safetensors"));
        return file.Tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
    }

    public static void SkipIfAbsent() => Assert.SkipUnless(ArePresent, $"The reference vectors are not at {Folder} (set LOWBIT_GOLDEN)");

    static string FindRepository(string folder) =>
        File.Exists(Path.Combine(folder, "Lowbit.slnx")) ? folder : FindRepository(Path.GetDirectoryName(folder)!);
}
