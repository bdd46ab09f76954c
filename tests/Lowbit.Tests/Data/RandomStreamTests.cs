using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public class RandomStreamTests
{
    [Fact]
    public void Equal_keys_give_equal_numbers_and_neighbouring_keys_give_others()
    {
        Assert.Equal(Numbers(1, 2, 3), Numbers(1, 2, 3));
        var keys =
            from seed in Enumerable.Range(0, 10)
            from epoch in Enumerable.Range(0, 10)
            from image in Enumerable.Range(0, 100)
            select (seed, epoch, image);
        Assert.Equal(10_000, keys.Select(key => new RandomStream(key.seed, key.epoch, key.image).NextDouble()).Distinct().Count());
    }

    [Fact]
    public void First_numbers_of_neighbouring_keys_are_spread_evenly()
    {
        int[] counts = new int[10];
        for (int image = 0; image < 100_000; image++) counts[new RandomStream(42, 0, image).Next(10)]++;
        // Five standard deviations of a binomial distribution.
        Assert.All(counts, count => Assert.InRange(count, 10_000 - 475, 10_000 + 475));
    }

    [Fact]
    public void Every_order_of_four_things_is_as_likely_as_every_other()
    {
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 24_000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            new RandomStream(i).Shuffle<char>(items);
            counts[new string(items)] = counts.GetValueOrDefault(new string(items)) + 1;
        }
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - 155, 1000 + 155));
    }

    static double[] Numbers(params long[] key)
    {
        var random = new RandomStream(key);
        return [.. Enumerable.Range(0, 10).Select(_ => random.NextDouble())];
    }
}
