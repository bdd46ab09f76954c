using Lowbit.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public sealed class ResumedConfigurationTests
{
    const string Began = """
        dataset: { name: digits, limit: 320, val_split: 0.1 }
        model: { name: quant_resnet20 }
        quantization: { weight_bit_width: 4 }
        training: { batch_size: 64, epochs: 3 }
        """;

    [Fact]
    public void These_keys_may_change_and_no_others()
    {
        RunConfiguration run = Read();
        string[] free = [.. KeyNames.Of(typeof(RunConfiguration)).SelectMany(section => KeyNames.Of(section.Property.PropertyType)
            .Where(entry => (entry.Property.GetCustomAttributes(typeof(MayChangeOnResumeAttribute), false).Concat(section.Property.GetCustomAttributes(typeof(MayChangeOnResumeAttribute), false))).Any())
            .Select(entry => $"{section.Key}.{entry.Key}"))];

        Assert.Equal(
            [
                "dataset.root", "dataset.num_workers", "distillation.teacher", "training.epochs", "training.patience", "optimizer.learning_rate", "tensorboard.enabled", "tensorboard.log_dir", "progress.enabled",
                "checkpoint.enabled", "checkpoint.dir", "checkpoint.experiment_name", "checkpoint.save_frequency", "checkpoint.save_best", "checkpoint.resume",
            ],
            free);
    }

    [Theory]
    [InlineData("training.batch_size=32", "training.batch_size is 32, but 64 in the run")]
    [InlineData("training.test_frequency=3", "training.test_frequency is 3, but 10 in the run")]
    [InlineData("training.use_kernels=false", "training.use_kernels is false, but true in the run")]
    [InlineData("dataset.name=mnist", "dataset.name is \"mnist\", but \"digits\" in the run")]
    [InlineData("dataset.val_split=0.2", "dataset.val_split is 0.2, but 0.1 in the run")]
    [InlineData("dataset.limit=null", "dataset.limit is null, but 320 in the run")]
    [InlineData("dataset.augment=false", "dataset.augment is false, but true in the run")]
    [InlineData("seed.value=7", "seed.value is 7, but 42 in the run")]
    [InlineData("optimizer.name=adam", "optimizer.name is adam, but sgd in the run")]
    [InlineData("optimizer.momentum=0.5", "optimizer.momentum is 0.5, but 0.9 in the run")]
    [InlineData("quantization.weight_bit_width=3", "quantization.weight_bit_width is 3, but 4 in the run")]
    [InlineData("quantization.overrides=[{layers: 'conv*', weight_bit_width: 2}]", "quantization.overrides is ")]
    [InlineData("scheduler.name=step", "scheduler.name is step, but cosine in the run")]
    [InlineData("loss.weight=[1,1,1,1,1,1,1,1,1,2]", "loss.weight is [1, 1, 1, 1, 1, 1, 1, 1, 1, 2], but null in the run")]
    [InlineData("model.name=quant_cnv", "model.name is \"quant_cnv\", but \"quant_resnet20\" in the run")]
    [InlineData("model.pretrained=other", "model.pretrained is \"other\", but null in the run")]
    public void Another_value_of_any_other_key_is_refused_with_both_values(string change, string sentence)
    {
        var problem = Assert.Throws<ConfigurationException>(() => ResumedConfiguration.Check(Read(), Read(change), out _));

        Assert.StartsWith(sentence, problem.Errors[0]);
        Assert.Contains("continued from some/run", problem.Errors[0]);
    }

    [Fact]
    public void Every_key_that_changed_is_named()
    {
        var problem = Assert.Throws<ConfigurationException>(() => ResumedConfiguration.Check(Read(), Read("training.batch_size=32", "dataset.seed=1"), out _));

        Assert.Equal(["dataset.seed", "training.batch_size"], problem.Errors.Select(error => error.Split(' ')[0]));
    }

    [Fact]
    public void What_trains_otherwise_from_here_on_is_said_and_the_rest_is_not()
    {
        ResumedConfiguration.Check(Read(), Read("training.epochs=9", "optimizer.learning_rate=0.01", "dataset.num_workers=0", "dataset.root=elsewhere", "checkpoint.save_best=false"), out var changes);

        Assert.Equal(["training.epochs is 9 from here on; it was 3", "optimizer.learning_rate is 0.01 from here on; it was 0.1"], changes);
    }

    [Fact]
    public void Keys_without_effect_are_not_compared()
    {
        ResumedConfiguration.Check(Read(), Read("optimizer.eps=0.5", "scheduler.step_size=3"), out var changes);

        Assert.Empty(changes);
    }

    [Fact]
    public void A_run_that_drew_its_seed_goes_on_with_it()
    {
        RunConfiguration began = Read("seed.value=1234");

        Assert.Equal(began.Seed, ResumedConfiguration.Check(began, Read("seed.enabled=false"), out _).Seed);
    }

    [Theory]
    [InlineData("optimizer.name=adam")]
    [InlineData("scheduler.name=plateau")]
    [InlineData("loss.name=mse")]
    [InlineData("quantization.scheme=bnn_pynq")]
    public void What_a_run_writes_of_itself_has_no_key_without_effect(string choice)
    {
        RunConfiguration run = Read(choice);

        ParsedConfiguration again = ConfigurationReader.Parse(ConfigurationWriter.Write(run), "config.yaml");

        Assert.Empty(again.Warnings);
        Assert.Empty(ChangedKey.Between(run, again.Configuration));
    }

    [Fact]
    public void A_continued_plateau_takes_the_new_learning_rate_in_the_proportion_that_it_had_come_to()
    {
        var schedule = LearningRateSchedule.Create(new() { Name = SchedulerKind.Plateau }, 0.2, 10);
        schedule.State = "0.01 1 0";

        schedule.Rescale(2);

        Assert.Equal(0.02, schedule.RateOf(5));
    }

    static RunConfiguration Read(params string[] changes) =>
        ConfigurationReader.Parse(Began, "run.yaml", [.. changes, "checkpoint.resume=some/run"]).Configuration;
}
