using Lowbit.Training;
using TorchSharp;
using Xunit;

namespace Lowbit.Cli.Tests;

/// <summary>Compares what two runs have left.</summary>
static class RunFiles
{
    /// <summary>The same files, the same tensors to the last bit, and the same scores in every epoch.</summary>
    public static void AssertSame(string expected, string actual)
    {
        string[] files = FilesOf(expected);
        Assert.Equal(files, FilesOf(actual));
        Assert.Equal(ScoresOf(expected), ScoresOf(actual));
        foreach (string file in files.Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)))
            AssertSameTensors(Path.Combine(expected, file), Path.Combine(actual, file));
    }

    public static void AssertSameTensors(string expected, string actual)
    {
        using var scope = torch.NewDisposeScope();
        Safetensors whole = Safetensors.Read(expected), resumed = Safetensors.Read(actual);
        Assert.Equal(whole.Tensors.Keys, resumed.Tensors.Keys);
        Assert.All(whole.Tensors, entry => Assert.True(entry.Value.bytes.SequenceEqual(resumed.Tensors[entry.Key].bytes), entry.Key));
    }

    /// <summary>Every epoch's learning rate and scores; not its seconds.</summary>
    public static string[] ScoresOf(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.csv")).Select(line => string.Join(',', line.Split(',').Take(11)))];

    static string[] FilesOf(string run) => [.. Directory.GetFiles(run, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(run, file)).Order()];
}
