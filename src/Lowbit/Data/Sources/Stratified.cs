namespace Lowbit.Data;

/// <summary>Divides images so that the classes keep their proportions.</summary>
static class Stratified
{
    // Sets these draws apart from those of epochs with the same seed.
    const long Purpose = 0x53504C4954;

    /// <summary>
    /// Chooses <paramref name="count"/> images by the seed. A smaller choice by the same seed lies, but for rounding, within a larger
    /// one.
    /// </summary>
    public static (IImageSource Chosen, IImageSource Others) Split(IImageSource source, int count, int seed)
    {
        var classes = Enumerable.Range(0, source.Count).GroupBy(source.Label).OrderBy(images => images.Key).ToArray();
        int[] quotas = Quotas([.. classes.Select(images => images.Count())], count);
        var chosen = new List<int>(count);
        var rest = new List<int>(source.Count - count);
        foreach (var (images, quota) in classes.Zip(quotas))
        {
            int[] shuffled = [.. images];
            new RandomStream(seed, Purpose, images.Key).Shuffle<int>(shuffled);
            chosen.AddRange(shuffled[..quota]);
            rest.AddRange(shuffled[quota..]);
        }
        chosen.Sort();
        rest.Sort();
        return (new Subset(source, [.. chosen]), new Subset(source, [.. rest]));
    }

    /// <summary>Shares <paramref name="count"/> out in proportion; what rounding leaves goes to those who lost most by it.</summary>
    static int[] Quotas(int[] sizes, int count)
    {
        long total = sizes.Sum(size => (long)size);
        int[] quotas = [.. sizes.Select(size => (int)(size * (long)count / total))];
        var byLoss = Enumerable.Range(0, sizes.Length).OrderByDescending(i => sizes[i] * (long)count % total);
        foreach (int i in byLoss.Take(count - quotas.Sum())) quotas[i]++;
        return quotas;
    }
}
