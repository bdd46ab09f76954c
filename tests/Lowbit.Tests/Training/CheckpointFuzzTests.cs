using System.Diagnostics;
using System.Globalization;
using Lowbit.Configuration;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

/// <summary>
/// Mutants of a real checkpoint: each is used as a checkpoint is, with a valid result or one sentence, in bounded time and memory. LOWBIT_MUTANTS sets how
/// many the long test tries, LOWBIT_SEED which ones.
/// </summary>
[Collection(nameof(AloneCollection))]   // it measures the memory of the process
public sealed class CheckpointFuzzTests(ITestOutputHelper output) : IDisposable
{
    static readonly TimeSpan TimeBound = TimeSpan.FromSeconds(25);
    const long MemoryBound = 1536L << 20;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_few_mutants_of_a_checkpoint_give_a_result_or_one_sentence() => Try(mutants: 40, seed: 1);

    [Fact(Skip = LongTests.Reason, SkipUnless = nameof(LongTests.AreWanted), SkipType = typeof(LongTests))]
    public void Many_mutants_of_a_checkpoint_give_a_result_or_one_sentence() => Try(FromEnvironment("LOWBIT_MUTANTS") ?? 1000, FromEnvironment("LOWBIT_SEED") ?? 2);

    void Try(int mutants, int seed)
    {
        string checkpoint = SmallRun.Checkpoint(folder.Path);
        var source = new CheckpointMutants(File.ReadAllBytes(checkpoint), seed);
        Use(checkpoint);
        int valid = 0;
        for (int i = 0; i < mutants; i++)
        {
            byte[] mutant = source.Number(i);
            File.WriteAllBytes(checkpoint, mutant);
            if (IsValid(checkpoint, i % 20 == 0 ? Continue : Use, $"mutant {i} of seed {seed}")) valid++;
        }
        output.WriteLine($"{mutants} mutants of seed {seed}: {valid} gave a result, {mutants - valid} a sentence");
    }

    static bool IsValid(string path, Action<string> use, string which)
    {
        long memory = Environment.WorkingSet, allocated = GC.GetTotalAllocatedBytes();   // the process keeps what it frees: it shows the most there was
        var clock = Stopwatch.StartNew();
        Exception? problem = Record.Exception(() => use(path));
        Assert.True(clock.Elapsed < TimeBound, $"{which} took {clock.Elapsed}");
        Assert.True(Environment.WorkingSet - memory < MemoryBound && GC.GetTotalAllocatedBytes() - allocated < MemoryBound, $"{which} took too much memory");
        if (problem is null) return true;
        Assert.True(problem is LowbitException, $"{which}: {problem}");
        Assert.False(problem.Message.Length is 0 or > 4000 || problem.Message.Any(char.IsControl), $"{which}: {problem.Message}");
        return false;
    }

    /// <summary>What an evaluation does with a checkpoint.</summary>
    static void Use(string path)
    {
        using var scope = NewDisposeScope();
        using Checkpoint checkpoint = Checkpoint.Read(path);
        using Network network = checkpoint.BuildNetwork();
        using Optimizer optimizer = Optimizer.Create(network, checkpoint.Options.Optimizer);
        optimizer.Load(checkpoint.OptimizerState);
        if (checkpoint.Dataset.Shape.Elements > 4096) return;   // what large images cost is not the checkpoint's
        Tensor images = randint(0, 256, [2, .. checkpoint.Dataset.Shape.Dimensions], dtype: uint8);
        Evaluation evaluation = Evaluation.Of(network, [new(0, images, zeros(2, int64))], Losses.Create(new()));
        Assert.True(double.IsFinite(evaluation.Score.Loss));
    }

    /// <summary>What a training that goes on from a checkpoint does before its first step: none is left.</summary>
    static void Continue(string path)
    {
        RunConfiguration configuration = SmallRun.Configuration(Path.GetTempPath());
        TrainingRun.Run(
            configuration with { Training = configuration.Training with { Epochs = 0 }, Checkpoint = configuration.Checkpoint with { Resume = path } },
            new SilentObserver(), CancellationToken.None);
    }

    static int? FromEnvironment(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}
