using System.Numerics;

namespace Lowbit.Runtime;

/// <summary>
/// Runs an integer network node by node with plain loops: the definition of what hardware computes. Several images run side by side in the elements of a vector,
/// and groups of them on several threads.
/// </summary>
public sealed class Interpreter
{
    static readonly int Lanes = Vector<int>.Count;

    readonly IntegerNetwork network;
    readonly ILookup<int, string> lastUses;

    /// <summary>An interpreter of a network, for any number of threads.</summary>
    public Interpreter(IntegerNetwork network)
    {
        this.network = network;
        var lastReader = new Dictionary<string, int>();
        for (int i = 0; i < network.Nodes.Length; i++)
            foreach (string input in network.Nodes[i].Inputs) lastReader[input] = i;
        lastReader[network.Logits.From] = network.Nodes.Length;
        lastUses = lastReader.ToLookup(entry => entry.Value, entry => entry.Key);
    }

    /// <summary>The logits of images.</summary>
    /// <param name="images">[N, C, H, W], raw pixels.</param>
    /// <returns>[N, classes].</returns>
    /// <exception cref="LowbitException">The pixels are not those of a number of whole images.</exception>
    public float[] Run(ReadOnlyMemory<byte> images)
    {
        int count = CountOf(images);
        float[] logits = new float[count * network.Classes];
        Parallel.For(0, (count + Lanes - 1) / Lanes, group => Run(images, group * Lanes, (node, value) =>
        {
            if (node != network.Logits.From) return;
            for (int image = 0; image < Math.Min(Lanes, count - group * Lanes); image++)
                for (int label = 0; label < network.Classes; label++)
                    logits[(group * Lanes + image) * network.Classes + label] = Logit(label, value[label][image]);
        }));
        return logits;
    }

    /// <summary>The logits that follow from the last integers.</summary>
    /// <param name="sums">[N, classes]: those of the node that the logits come from.</param>
    /// <returns>[N, classes].</returns>
    public float[] LogitsOf(ReadOnlySpan<int> sums)
    {
        float[] logits = new float[sums.Length];
        for (int i = 0; i < logits.Length; i++) logits[i] = Logit(i % network.Classes, sums[i]);
        return logits;
    }

    /// <summary>The integers of every node for images.</summary>
    /// <param name="images">[N, C, H, W], raw pixels.</param>
    /// <returns>By name: [N, C, H, W] of that node.</returns>
    /// <exception cref="LowbitException">The pixels are not those of a number of whole images.</exception>
    public IReadOnlyDictionary<string, int[]> Trace(ReadOnlyMemory<byte> images)
    {
        int count = CountOf(images);
        var trace = network.Nodes.ToDictionary(node => node.Name, node => new int[count * network.ValueOf(node.Name).Shape.Elements]);
        Parallel.For(0, (count + Lanes - 1) / Lanes, group => Run(images, group * Lanes, (node, value) =>
        {
            for (int image = 0; image < Math.Min(Lanes, count - group * Lanes); image++)
                for (int i = 0; i < value.Length; i++) trace[node][(group * Lanes + image) * value.Length + i] = value[i][image];
        }));
        return trace;
    }

    float Logit(int label, int sum) => (float)(network.Logits.Scales[label] * (double)sum + network.Logits.Offsets[label]);

    int CountOf(ReadOnlyMemory<byte> images) => images.Length % network.Image.Shape.Elements == 0
        ? images.Length / network.Image.Shape.Elements
        : throw new LowbitException($"{images.Length} pixels are not a number of images of {network.Image.Shape}");

    /// <summary>Runs the images of one vector, from the one at <paramref name="first"/> on; where there are not so many, the others are black.</summary>
    void Run(ReadOnlyMemory<byte> images, int first, Action<string, Vector<int>[]> observe)
    {
        var values = new Dictionary<string, Vector<int>[]> { [network.Image.Name] = Pixels(images.Span, first) };
        for (int i = 0; i < network.Nodes.Length; i++)
        {
            IntegerNode node = network.Nodes[i];
            var output = new Vector<int>[network.ValueOf(node.Name).Shape.Elements];
            node.Compute([.. node.Inputs.Select(input => values[input])], [.. node.Inputs.Select(network.ValueOf)], output);
            values[node.Name] = output;
            observe(node.Name, output);
            foreach (string done in lastUses[i]) values.Remove(done);
        }
        if (network.Logits.From == network.Image.Name) observe(network.Image.Name, values[network.Image.Name]);
    }

    Vector<int>[] Pixels(ReadOnlySpan<byte> images, int first)
    {
        var pixels = new Vector<int>[network.Image.Shape.Elements];
        Span<int> sideBySide = stackalloc int[Lanes];
        for (int i = 0; i < pixels.Length; i++)
        {
            for (int image = 0; image < Lanes; image++)
            {
                long at = (long)(first + image) * pixels.Length + i;
                sideBySide[image] = at < images.Length ? images[(int)at] : 0;
            }
            pixels[i] = new(sideBySide);
        }
        return pixels;
    }
}
