using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Training;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Training;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class DistillationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(4, 0.9)]
    public void Loss_and_gradients_are_those_of_the_formula(double temperature, double weight)
    {
        using var scope = NewDisposeScope();
        RunFolder teacher = Teacher(bits: null);
        using DatasetSplits data = TinyRun.Data();
        Batch batch = data.EvaluationLoader(data.Test, 7).Epoch(0).First();
        using Distillation distillation = Distillation.Of(new() { Teacher = teacher.Path, Temperature = temperature, Weight = weight }, TinyRun.Network(), data.Info)!;
        Tensor logits = randn([7, 3], requires_grad: true);
        using Checkpoint checkpoint = Checkpoint.Read(teacher.Best);
        using Network network = checkpoint.BuildNetwork();
        network.eval();
        double[][] theirs = Rows(network.forward(batch.Images)), ours = Rows(logits);

        Tensor labelled = logits.mul(CachedScalar.Of(0.5)).sum(), loss = distillation.LossOf(labelled, batch.Images, logits);
        loss.backward();

        double divergence = 0;
        double[] gradient = new double[21];
        for (int n = 0; n < 7; n++)
        {
            double[] p = Softmax(theirs[n], temperature), q = Softmax(ours[n], temperature);
            for (int c = 0; c < 3; c++)
            {
                divergence += p[c] * (Math.Log(p[c]) - Math.Log(q[c])) / 7;
                gradient[n * 3 + c] = (1 - weight) * 0.5 + weight * temperature * (q[c] - p[c]) / 7;
            }
        }
        Assert.Equal((1 - weight) * labelled.item<float>() + weight * temperature * temperature * divergence, loss.item<float>(), 1e-4);
        Close.Assert(tensor(gradient), logits.grad!, 1e-5, "the gradient");
    }

    [Theory(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    [InlineData(null)]
    [InlineData(4)]
    public void A_run_with_a_float_or_quantized_teacher_continues_to_bit_identical_weights(int? bits)
    {
        string teacher = Teacher(bits).Path;
        var notices = new Notices();
        RunFolder whole = TinyRun.Train(Options("whole", teacher), observer: notices), parts = TinyRun.TrainInParts(Options("parts", teacher));

        RunFiles.AssertSame(whole, parts);
        Assert.Contains($"The run learns from {new RunFolder(teacher).Best} (teacher{bits})", notices.All);
        Assert.NotEqual(StateOfRun.Network(whole), StateOfRun.Network(TinyRun.Train(TinyRun.Options(folder.Path, "without"))));
    }

    [Fact]
    public void A_teacher_that_does_not_count_changes_no_weight()
    {
        RunOptions options = Options("zero", Teacher().Path);
        Assert.Equal(StateOfRun.Network(TinyRun.Train(TinyRun.Options(folder.Path, "without"))), StateOfRun.Network(TinyRun.Train(options with { Distillation = options.Distillation with { Weight = 0 } })));
    }

    [Fact]
    public void The_teachers_path_may_change_where_the_network_stays()
    {
        string teacher = Teacher().Path, moved = folder["moved.safetensors"];
        File.Copy(new RunFolder(teacher).Best, moved);
        RunOptions To(RunOptions options, string? path) => options with { Distillation = options.Distillation with { Teacher = path } };

        RunFiles.AssertSame(TinyRun.Train(Options("whole", teacher)), TinyRun.TrainInParts(Options("parts", teacher), between: options => To(options, moved)));
        string other = TinyRun.Train(TinyRun.Options(folder.Path, "other") with { Seed = new() { Value = 5 } }, TinyRun.Network(4)).Path;
        Assert.Contains($"distillation.teacher is {other}, which holds another network", Refused(options => To(options, other)), StringComparison.Ordinal);
        Assert.Contains("distillation.teacher is null, but \"", Refused(options => To(options, null)), StringComparison.Ordinal);

        string Refused(Func<RunOptions, RunOptions> change) =>
            Assert.ThrowsAny<LowbitException>(() => TinyRun.TrainInParts(Options("refused", teacher), between: change)).Message;
    }

    [Fact]
    public void A_teacher_is_not_added_to_a_run_that_began_without()
    {
        string teacher = Teacher().Path;
        Assert.Contains("distillation.teacher is \"", Assert.ThrowsAny<LowbitException>(() => TinyRun.TrainInParts(
            TinyRun.Options(folder.Path, "begun"), between: options => options with { Distillation = new() { Teacher = teacher } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_teach_is_one_sentence()
    {
        RunConfiguration digits = SmallRun.Configuration(folder.Path, "resnet20");
        string larger = TrainingRun.Run(digits with { Dataset = digits.Dataset with { ImageSize = 16 } }, new SilentObserver(), default).Folder!.Path;
        string same = SmallRun.Checkpoint(folder.Path);
        string absent = folder["absent"], empty = folder["nothing"];
        Directory.CreateDirectory(empty);

        Assert.Equal($"distillation.teacher: {absent} is not there; give a run folder or a checkpoint file", Refused(absent));
        Assert.StartsWith($"distillation.teacher: {empty} is not the folder of a run", Refused(empty), StringComparison.Ordinal);
        Assert.Contains("takes images of 1x16x16, and this run has images of 1x8x8", Refused(larger), StringComparison.Ordinal);
        Assert.Contains("gives logits for 10 classes, and the network of this run for 3", Refused(same), StringComparison.Ordinal);
        Assert.Contains("has other classes", Refused(same, classes: 10), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["corners", "refused"]));

        string Refused(string teacher, int classes = 3)
        {
            string message = Assert.ThrowsAny<LowbitException>(() => TinyRun.Train(Options("refused", teacher), TinyRun.Network(classes: classes))).Message;
            Assert.DoesNotContain('\n', message);
            return message;
        }
    }

    [Fact]
    public void A_weight_without_a_teacher_has_no_effect_and_says_so()
    {
        ParsedConfiguration read = ConfigurationReader.Parse("{ model: { name: resnet20 }, distillation: { weight: 0.3 } }", "run.yaml");
        Assert.Contains("distillation.weight has no effect without distillation.teacher", Assert.Single(read.Warnings), StringComparison.Ordinal);
        Assert.Empty(ConfigurationReader.Parse(ConfigurationWriter.Write(read.Configuration), "config.yaml").Warnings);
    }

    RunFolder Teacher(int? bits = null) => TinyRun.Train(TinyRun.Options(folder.Path, $"teacher{bits}") with { Seed = new() { Value = 7 } }, TinyRun.Network(bits));

    RunOptions Options(string name, string teacher) => TinyRun.Options(folder.Path, name) with { Distillation = new() { Teacher = teacher } };

    static double[][] Rows(Tensor logits) => [.. Enumerable.Range(0, 7).Select(n => logits[n].detach().to(float64).data<double>().ToArray())];

    static double[] Softmax(double[] logits, double temperature)
    {
        double[] exponentials = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }
}
