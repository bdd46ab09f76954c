using Lowbit.Configuration;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Lowbit.Training.Runs;
using Xunit;

namespace Lowbit.Tests.Training.Runs;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class RunListTests(RunListTests.SomeRuns some) : IClassFixture<RunListTests.SomeRuns>
{
    /// <summary>A run that is done, one that was interrupted, one of stages that was interrupted in the first, and damaged ones.</summary>
    public sealed class SomeRuns : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public SomeRuns()
        {
            Done = TrainingRun.Run(Run("done", "quant_resnet20"), new SilentObserver(), CancellationToken.None);
            using var cancel = new CancellationTokenSource();
            TrainingRun.Run(Run("half", "resnet20"), new AtStart(cancel.Cancel), cancel.Token);
            using var other = new CancellationTokenSource();
            RunConfiguration stages = Run("stages", "quant_resnet20");
            stages = stages with { Training = stages.Training with { Epochs = 2 }, Quantization = stages.Quantization with { Stages = [new() { Bits = "float" }, new() { Bits = "2" }] } };
            TrainingRun.Run(stages, new AtStart(other.Cancel), other.Token);
            foreach (string name in new[] { "damaged", "old" }) Copy(name);
            File.WriteAllText(folder["digits/damaged/checkpoints/latest.safetensors"], "nothing");
            File.Delete(folder["digits/old/metrics.csv"]);
            Directory.CreateDirectory(folder["digits/begun"]);
            File.WriteAllText(folder["digits/begun/run.lock"], "");
            File.WriteAllText(folder["digits/begun/config.yaml"], "model: { name: resnet20 }");
            Directory.CreateDirectory(folder["digits/other"]);
        }

        public RunResult Done { get; }

        public string Path => folder.Path;

        public string this[string name] => folder[name];

        public void Dispose() => folder.Dispose();

        void Copy(string name)
        {
            foreach (string file in Directory.GetFiles(folder["digits/done"], "*", SearchOption.AllDirectories))
            {
                string target = folder["digits", name, System.IO.Path.GetRelativePath(folder["digits/done"], file)];
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        RunConfiguration Run(string name, string model) => new()
        {
            Dataset = new() { Name = "digits", Limit = 64, ImageSize = 16 },
            Model = new() { Name = model },
            Quantization = new() { WeightBitWidth = 2, ActBitWidth = 4, CollectStatsSteps = 1 },
            Training = new() { BatchSize = 32, Epochs = 1 },
            Checkpoint = new() { Dir = folder.Path, ExperimentName = name },
        };

        sealed class AtStart(Action act) : SilentObserver
        {
            public override void Started(RunStart start) => act();
        }
    }

    [Fact]
    public void Runs_are_found_with_what_they_came_to_and_broken_ones_are_named()
    {
        RunList list = RunList.In(some.Path);

        Assert.Equal(["done", "half", "old", "stages"], list.Runs.Select(run => Path.GetFileName(run.Folder.Path)));
        RunSummary done = list.Runs[0];
        Assert.Equal(("quant_resnet20", "2/4", "digits", RunState.Done, 1), (done.Model, done.Bits, done.Dataset, done.State, done.Position.Epoch));
        Assert.Equal((some.Done.Epochs[0].Test!.Top1, some.Done.Position.Best), (done.LastAccuracy!.Value, done.BestAccuracy));
        Assert.InRange(done.Network.PackedBytes, 1, done.Network.FloatBytes / 4);
        Assert.InRange(done.Date, DateTime.Now.AddHours(-1), DateTime.Now);

        Assert.Equal(("32", RunState.Interrupted, null, null), (list.Runs[1].Bits, list.Runs[1].State, list.Runs[1].LastAccuracy, list.Runs[1].BestAccuracy));
        Assert.Equal((null, done.BestAccuracy), (list.Runs[2].LastAccuracy, list.Runs[2].BestAccuracy));
        Assert.Equal((RunState.Interrupted, 2), (list.Runs[3].State, list.Runs[3].Options.Training.Epochs));
        Assert.Equal(2, list.Problems.Count);
        Assert.Contains("begun", list.Problems[0]);
        Assert.Contains("damaged", list.Problems[1]);
        Assert.All(list.Problems, problem => Assert.DoesNotContain('\n', problem));
    }

    [Fact]
    public void A_run_that_a_process_holds_is_running_and_looking_does_not_take_it()
    {
        using (RunLock.Take(new(some["digits/half"])))
            Assert.Equal(RunState.Running, RunSummary.Read(some["digits/half"]).State);

        Assert.Equal(RunState.Interrupted, RunSummary.Read(some["digits/half"]).State);
        RunLock.Take(new(some["digits/half"])).Dispose();
    }

    [Fact]
    public void A_folder_of_a_run_is_a_list_of_one_and_one_that_is_not_there_is_told()
    {
        Assert.Single(RunList.In(some["digits/done"]).Runs);
        Assert.Empty(RunList.In(some["digits/other"]).Runs);
        Assert.Contains("is not there", Assert.Throws<LowbitException>(() => RunList.In(some["absent"])).Message);
    }
}
