using System.Text.RegularExpressions;
using Lowbit.Configuration;
using Lowbit.Data;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Data;

public partial class AddingADatasetTests
{
    [Theory]
    [InlineData(0, "tests/Lowbit.Tests/Data/Stripes.cs")]
    [InlineData(1, "tests/Lowbit.Tests/Data/AddingADatasetTests.cs")]
    public void What_the_page_shows_is_what_is_compiled_and_run_here(int block, string file)
    {
        string page = File.ReadAllText(Repository.PathOf("docs/adding-a-dataset.md"));
        string[] blocks = [.. CodeBlock().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(2, blocks.Length);
        Assert.Contains(Unindented(blocks[block]), Unindented(File.ReadAllText(Repository.PathOf(file))));
    }

    [Fact]
    public void The_dataset_of_the_page_trains_on_every_image_with_its_options()
    {
        var seen = new List<(long[] Shape, long Labels)>();
        void Train(Tensor images, Tensor labels) => seen.Add((images.shape, labels.shape[0]));

        using DatasetSplits data = Datasets.Open(new Stripes(), new DatasetOptions { ValSplit = 0.2, ImageSize = 24 });
        DataLoader loader = data.TrainingLoader(batchSize: 64, seed: 42);
        for (int epoch = 0; epoch < 3; epoch++)
            foreach (Batch batch in loader.Epoch(epoch))
                using (batch)
                    Train(batch.Images, batch.Labels);

        Assert.Equal(3 * 7, seen.Count);
        Assert.Equal(3 * 400, seen.Sum(batch => batch.Labels));
        Assert.All(seen, batch => Assert.Equal([1, 24, 24], batch.Shape[1..]));
        Assert.Equal(100, data.Validation!.Count);
    }

    [Fact]
    public void The_dataset_of_the_page_states_its_mean_and_deviation()
    {
        using var data = Datasets.Open(new Stripes(), new DatasetOptions());
        PixelStatistics.AssertAsStated(data, tolerance: 0.01);
    }

    static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
