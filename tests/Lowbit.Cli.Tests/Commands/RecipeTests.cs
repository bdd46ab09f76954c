using Lowbit.Cli.Guide;
using Lowbit.Configuration;
using Lowbit.Models;
using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

public sealed class RecipeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. Recipe.Names];

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void A_recipe_is_a_valid_file_for_every_network_at_every_width(string recipe)
    {
        foreach (string model in ModelZoo.Names)
            foreach (var (weights, activations) in ModelZoo.IsQuantized(model) ? new (int?, int?)[] { (1, null), (2, 2), (4, 8), (8, 3) } : [(null, null)])
            {
                var (file, yaml) = new Recipe(recipe).For(model, weights?.ToString(), activations?.ToString());

                ParsedConfiguration read = ConfigurationReader.Parse(yaml, file);
                Assert.Empty(read.Warnings);
                Assert.Equal((model, weights ?? 8, activations ?? weights ?? 8), (read.Configuration.Model.Name, read.Configuration.Quantization.WeightBitWidth, read.Configuration.Quantization.ActBitWidth));
                Assert.Equal(weights <= 2 || (recipe == "paper" && weights is not null) ? 2 : 0, TrainingStages.Asked(read.Configuration).Count);
                Assert.StartsWith("#", yaml);
                Assert.Equal(weights is null, !yaml.Contains("quantization", StringComparison.Ordinal));
            }
    }

    [Fact]
    public void Names_of_files_tell_network_bits_and_recipe()
    {
        Assert.Equal(["resnet8_day.yaml", "quant_resnet8_2bit_short.yaml", "quant_cnv_w1a2_paper.yaml"],
            new[] { new Recipe("day").For("resnet8", null, null), new Recipe("short").For("quant_resnet8", "2", null), new Recipe("paper").For("quant_cnv", "1", "2") }.Select(recipe => recipe.File));
    }

    [Fact]
    public void The_recipes_are_all_files_of_their_folder_and_their_epochs_are_as_help_says()
    {
        Assert.Equal(Recipe.Names.Order(), Directory.GetFiles(Repository.PathOf("configs/recipes")).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.Equal([6, 30, 200], Recipe.Names.Select(name => ConfigurationReader.Parse(new Recipe(name).For("resnet20", null, null).Yaml, name).Configuration.Training.Epochs));
    }

    [Fact]
    public void A_recipe_writes_its_file_once_and_trains_it_and_goes_on_with_it_as_it_is()
    {
        string[] small = ["--set", "dataset.name=digits", "--set", "dataset.limit=64", "--set", "dataset.image_size=8", "--set", "training.epochs=2", "--set", "training.batch_size=32"];
        string[] command = ["train", "--recipe", "short", "--model", "quant_resnet8", "--bits", "2", .. small];

        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, command);

        Assert.Equal((0, "quant_resnet8_2bit_short.yaml has the recipe; to train it again: lowbit train quant_resnet8_2bit_short.yaml\n"), (exitCode, errors));
        Assert.Contains("quant_resnet8", output);
        Assert.Equal(2, ConfigurationReader.Read(folder.PathOf("quant_resnet8_2bit_short.yaml")).Configuration.Quantization.WeightBitWidth);
        Assert.Single(Directory.GetFiles(folder.Path));

        string changed = folder.Write("quant_resnet8_2bit_short.yaml", "mine");
        (exitCode, output, errors) = LowbitProcess.Run(folder.Path, command);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal("quant_resnet8_2bit_short.yaml is there already, and is not what --recipe short writes; train it with lowbit train quant_resnet8_2bit_short.yaml, or give it another name\n", errors);
        Assert.Equal("mine", File.ReadAllText(folder.PathOf("quant_resnet8_2bit_short.yaml")));
    }

    [Theory]
    [InlineData("--recipe short", "--recipe short: give --model, one that lowbit models lists")]
    [InlineData("--recipe short --model quant_resnet21 --bits 2", "--model is quant_resnet21; it must be a model that lowbit models lists; did you mean quant_resnet20?")]
    [InlineData("--recipe short --model quant_resnet20", "--recipe short: give --bits for quant_resnet20")]
    [InlineData("--recipe short --model quant_resnet20 --bits 9", "--bits is 9; it must be 1 to 8")]
    [InlineData("--recipe short --model resnet20 --bits 2", "--model is resnet20, which is not quantized and has no bits to choose; name quant_resnet20, or leave --bits and --act-bits out")]
    [InlineData("--recipe long --model resnet20", "'long'")]
    [InlineData("mine.yaml --recipe short --model resnet20", "--recipe writes a file of its own to train; leave mine.yaml out, or --recipe")]
    [InlineData("--resume run --recipe short --model resnet20", "--resume continues a run with its own configuration; leave it or --recipe out")]
    [InlineData("mine.yaml --bits 2", "--bits says something to --recipe alone; in a YAML file, the keys are model.name and those of quantization")]
    public void What_does_not_go_together_is_told_in_a_sentence(string options, string expected)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, ["train", .. options.Split(' ')]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(expected, errors);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
