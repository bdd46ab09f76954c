using System.Diagnostics;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Configuration;

/// <summary>Whatever becomes of a configuration, it is read and trained, or refused in sentences, within bounded time and memory.</summary>
public sealed class MutatedConfigurationTests : IDisposable
{
    const int Seed = 17, MostBytes = 200_000_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Forty_mutated_configurations_are_read_or_refused() => Check(Texts(40));

    /// <summary>A training begins with each that is valid: one batch of digits, or a sentence.</summary>
    [Fact]
    public void A_thousand_mutated_configurations_are_trained_or_refused()
    {
        Assert.SkipUnless(LongTests.AreWanted, LongTests.Reason);
        int trained = 0, refused = 0;
        List<RunConfiguration> valid = Check(Texts(1000));
        foreach (RunConfiguration configuration in valid)
        {
            if (Trains(configuration)) trained++;
            else refused++;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{1000 - valid.Count} refused as they were read, {refused} as training began, {trained} trained");
        Assert.InRange(trained, 50, 950);
    }

    static IEnumerable<string> Texts(int count)
    {
        string[] files = [.. Directory.GetFiles(Repository.PathOf("configs"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        var mutations = new Mutations(Seed);
        return Enumerable.Range(0, count).Select(index => mutations.Of(files[index % files.Length]));
    }

    /// <summary>Reads each; gives those that are valid.</summary>
    static List<RunConfiguration> Check(IEnumerable<string> texts)
    {
        List<RunConfiguration> valid = [];
        foreach (string yaml in texts)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                ParsedConfiguration read = ConfigurationReader.Parse(yaml, "x.yaml");
                Assert.All(read.Warnings, IsASentence);
                Assert.Equal(read.Configuration.Training, ConfigurationReader.Parse(ConfigurationWriter.Write(read.Configuration), "config.yaml").Configuration.Training);
                valid.Add(read.Configuration);
            }
            catch (ConfigurationException problem)
            {
                Assert.NotEmpty(problem.Errors);
                Assert.All(problem.Errors, IsASentence);
            }
            catch (Exception problem) when (problem is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"{problem}\n{yaml}");
            }
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }
        return valid;
    }

    static void IsASentence(string text)
    {
        Assert.InRange(text.Length, 10, 1_000);
        Assert.DoesNotContain(text, char.IsControl);
    }

    /// <summary>Whether training comes to its first batch; false where it is refused in a sentence.</summary>
    bool Trains(RunConfiguration configuration)
    {
        configuration = configuration with
        {
            Dataset = configuration.Dataset with { Name = "digits", Limit = Math.Min(configuration.Dataset.Limit ?? 64, 64), ImageSize = Math.Min(configuration.Dataset.ImageSize ?? 32, 48) },
            Training = configuration.Training with { Epochs = 1, BatchSize = Math.Min(configuration.Training.BatchSize, 16) },
            Scheduler = configuration.Scheduler with { WarmupEpochs = 0 },
            Checkpoint = configuration.Checkpoint with { Dir = folder },
            Tensorboard = new(),
        };
        using var stop = new CancellationTokenSource();
        try
        {
            return TrainingRun.Run(configuration, new Stopping(stop), stop.Token).Interrupted;
        }
        catch (Exception problem) when (problem is LowbitException or IOException or UnauthorizedAccessException)
        {
            IsASentence(problem.Message);
            return false;
        }
    }

    /// <summary>Cancels a run as it starts, so that it ends after its first batch.</summary>
    sealed class Stopping(CancellationTokenSource stop) : ITrainingObserver
    {
        public void Downloading(DownloadProgress progress)
        {
        }

        public void Started(RunStart start) => stop.Cancel();

        public void Notice(string message)
        {
        }

        public void Progressed(EpochProgress progress)
        {
        }

        public void EpochFinished(EpochResult result, bool isBest)
        {
        }
    }
}
