using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>Compares what two runs have left.</summary>
static class RunFiles
{
    /// <summary>The same files, the same tensors to the last bit, and the same scores in every epoch.</summary>
    public static void AssertSame(RunFolder expected, RunFolder actual)
    {
        string[] files = FilesOf(expected);
        Assert.Equal(files, FilesOf(actual));
        foreach (string file in files.Where(file => file.EndsWith("metrics.csv", StringComparison.Ordinal)))
            Assert.Equal(Scores(Path.Combine(expected.Path, file)), Scores(Path.Combine(actual.Path, file)));
        using var scope = TorchSharp.torch.NewDisposeScope();
        foreach (string file in files.Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            Safetensors whole = Safetensors.Read(Path.Combine(expected.Path, file)), other = Safetensors.Read(Path.Combine(actual.Path, file));
            Assert.Equal(whole.Tensors.Keys, other.Tensors.Keys);
            Assert.All(whole.Tensors, entry => Assert.True(entry.Value.bytes.SequenceEqual(other.Tensors[entry.Key].bytes), $"{file}: {entry.Key}"));
            Assert.Equal(whole.Metadata["position"], other.Metadata["position"]);
        }
    }

    static string[] FilesOf(RunFolder run) => [.. Directory.GetFiles(run.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(run.Path, file)).Order()];

    /// <summary>Every epoch's learning rate and scores; not its seconds.</summary>
    static string[] Scores(string metrics) => [.. File.ReadLines(metrics).Select(line => string.Join(',', line.Split(',').Take(11)))];
}
