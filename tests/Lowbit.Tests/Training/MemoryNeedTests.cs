using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public class MemoryNeedTests
{
    const long Gigabyte = 1_000_000_000;

    [Fact]
    public void A_million_classes_are_refused_before_anything_is_allocated()
    {
        long before = GC.GetTotalAllocatedBytes();

        string sentence = Refusal("model.num_classes=1000000");

        Assert.Matches(
            "^quant_cnv for 1x32x32 images and 1000000 classes takes at least 6,298 MB of memory to train \\([0-9,]+ MB for its 5[0-9]{2},[0-9]{3},[0-9]{3} parameters, "
            + "[0-9,]+ MB for batches of 128 images\\), and 1,000 MB are available; set model.num_classes to at most [0-9]+$", sentence);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
        int most = Number(sentence, "model.num_classes");
        Assert.True(Fits($"model.num_classes={most}"));
        Assert.False(Fits($"model.num_classes={most + 1}"));
    }

    [Fact]
    public void Each_key_that_would_help_is_named_with_the_largest_value_that_fits()
    {
        string sentence = Refusal("model.name=mobilenetv1", "dataset.image_size=512", "training.batch_size=256");

        int size = Number(sentence, "dataset.image_size"), batch = Number(sentence, "training.batch_size");
        Assert.True(Fits("model.name=mobilenetv1", $"dataset.image_size={size}", "training.batch_size=256"));
        Assert.False(Fits("model.name=mobilenetv1", $"dataset.image_size={size + 8}", "training.batch_size=256"));
        Assert.True(Fits("model.name=mobilenetv1", "dataset.image_size=512", $"training.batch_size={batch}"));
        Assert.False(Fits("model.name=mobilenetv1", "dataset.image_size=512", $"training.batch_size={batch + 1}"));
    }

    [Fact]
    public void A_batch_of_more_values_than_an_array_holds_is_refused_whatever_the_memory() => Assert.Matches(
        "^a batch of 1000 images of 1x4096x4096 has 16777216000 values, and at most 2147483591 are possible; set dataset.image_size to at most [0-9]+, or training.batch_size to at most 127$",
        Assert.Single(Assert.Throws<ConfigurationException>(() => Require(long.MaxValue, "dataset.image_size=4096", "training.batch_size=1000", "model.name=mobilenetv1", "dataset.num_workers=0")).Errors));

    [Fact]
    public void What_is_free_on_this_machine_is_known() => Assert.InRange(MemoryNeed.Available(), 1 << 20, 1L << 50);

    static int Number(string sentence, string key) =>
        int.Parse(System.Text.RegularExpressions.Regex.Match(sentence, $"{key} to at most ([0-9]+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    static bool Fits(params string[] overrides) => Record.Exception(() => Require(Gigabyte, overrides)) is null;

    static string Refusal(params string[] overrides) => Assert.Single(Assert.Throws<ConfigurationException>(() => Require(Gigabyte, overrides)).Errors);

    static void Require(long available, params string[] overrides)
    {
        RunConfiguration configuration = ConfigurationReader.Parse("dataset: { name: digits }\nmodel: { name: quant_cnv }\n", "x.yaml", overrides).Configuration;
        MemoryNeed.Require(configuration, Datasets.Describe(configuration.Dataset), images: 1437, available);
    }
}
