namespace Lowbit.Data;

/// <summary>Some images of a source.</summary>
sealed class Subset(IImageSource source, int[] chosen) : IImageSource
{
    public int Count => chosen.Length;

    public int Label(int index) => source.Label(chosen[index]);

    public void Read(int index, Span<byte> image) => source.Read(chosen[index], image);

    /// <summary>
    /// Parts a source in two so that every class keeps its proportion in both. The first gets <paramref name="fraction"/> of each class, rounded;
    /// which images follows from the seed; both keep the source's order.
    /// </summary>
    public static (Subset First, Subset Second) Split(IImageSource source, double fraction, int seed)
    {
        var first = new HashSet<int>();
        foreach (var images in Enumerable.Range(0, source.Count).GroupBy(source.Label).OrderBy(group => group.Key))
        {
            int[] shuffled = [.. images];
            new SeededRandom(seed, images.Key).Shuffle(shuffled);
            first.UnionWith(shuffled.Take((int)Math.Round(shuffled.Length * fraction)));
        }
        return (new(source, [.. first.Order()]), new(source, [.. Enumerable.Range(0, source.Count).Where(i => !first.Contains(i))]));
    }
}
