using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;
using static TorchSharp.torch;

namespace Lowbit.Export.Folding;

/// <summary>
/// What an integer network computes for a few images without content, smooth patches of random colors: about how its sums are distributed for any images, without a dataset.
/// </summary>
sealed class SyntheticRun
{
    const int Images = 32, ImagesAtATime = 8, PatchesAcross = 4;

    readonly IntegerNetwork network;
    readonly Lazy<Dictionary<string, int[][]>> counts;

    /// <param name="network">The network; it runs when it is first asked for.</param>
    public SyntheticRun(IntegerNetwork network) => (this.network, counts) = (network, new(Run));

    /// <summary>The outputs of a requantization in each channel.</summary>
    public OutputShares[] OutputsOf(Requantize node) => [.. counts.Value[node.Name].Select(channel => new OutputShares(node.Low, channel))];

    Dictionary<string, int[][]> Run()
    {
        using var scope = NewDisposeScope();
        Requantize[] nodes = [.. network.Nodes.OfType<Requantize>()];
        var seen = nodes.ToDictionary(node => node.Name, node => Enumerable.Range(0, network.ValueOf(node.Name).Shape.Channels).Select(_ => new int[node.High - node.Low + 1]).ToArray());
        var interpreter = new Interpreter(network);
        ValueShape shape = network.Image.Shape;
        using var chance = new Generator(1);
        for (int first = 0; first < Images; first += ImagesAtATime)
        {
            Tensor patches = rand([ImagesAtATime, shape.Channels, PatchesAcross, PatchesAcross], generator: chance).mul(CachedScalar.Of(byte.MaxValue));
            Tensor pixels = nn.functional.interpolate(patches, [shape.Height, shape.Width], mode: InterpolationMode.Bilinear, align_corners: true).to(uint8);
            var values = interpreter.Trace(pixels.contiguous().data<byte>().ToArray());
            foreach (Requantize node in nodes) Count(node, values[node.Name], seen[node.Name]);
        }
        return seen;
    }

    /// <summary>Counts the values of a node, [N, C, H, W].</summary>
    void Count(Requantize node, int[] values, int[][] seen)
    {
        int pixels = network.ValueOf(node.Name).Shape.Pixels;
        for (int i = 0; i < values.Length; i++) seen[i / pixels % seen.Length][values[i] - node.Low]++;
    }
}
