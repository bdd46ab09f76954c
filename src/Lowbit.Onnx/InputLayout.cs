using Lowbit.Export.Interpretation;
using Lowbit.Export.Interpretation.Operators;
using Lowbit.Graphs;

namespace Lowbit.Export;

/// <summary>How a file takes images [N, C, H, W]: as they are, with the channels last, or flat.</summary>
/// <param name="Shape">The shape that it takes at a time; one image where it leaves the number open.</param>
/// <param name="ChannelsLast">Whether that is [N, H, W, C].</param>
sealed record InputLayout(int[] Shape, bool ChannelsLast)
{
    static readonly int[] ToChannelsFirst = [0, 3, 1, 2], ToChannelsLast = [0, 2, 3, 1];

    /// <summary>Operators that leave every value where it is.</summary>
    static readonly HashSet<string> InPlace =
        ["Identity", "Cast", "Add", "Sub", "Mul", "Div", "Clip", "Pad", "QuantizeLinear", "DequantizeLinear", "Quant", "IntQuant", "BipolarQuant"];

    /// <summary>The layout for images of a shape.</summary>
    /// <exception cref="LowbitException">The file takes images of another size, or does not show which of their axes is which.</exception>
    public static InputLayout Of(OnnxModel model, int[] images)
    {
        if (model.TakesNothing) throw new LowbitException($"{model.Path} cannot be run: its input {model.Input.Name} has a dimension of 0");
        int[] declared = model.InputSizes ?? [0, .. images[1..]];
        if (declared.Length == 0) throw new LowbitException($"{model.Path} cannot be run: its input {model.Input.Name} is a single number");
        int batch = Math.Max(1, declared[0]);
        int[] first = images[1..], last = images.Length == 4 ? [images[2], images[3], images[1]] : first;
        bool takesFirst = Fits(first), takesLast = images.Length == 4 && Fits(last);
        bool showsLast = takesLast && IsTransposed(model);
        long pixels = first.Aggregate(1L, (product, size) => product * size);
        var layout = takesFirst && !showsLast ? new InputLayout([batch, .. first], ChannelsLast: false)
            : showsLast ? new InputLayout([batch, .. last], ChannelsLast: true)
            : declared.Length == 2 && (declared[1] == 0 || declared[1] == pixels) ? new InputLayout([batch, (int)pixels], ChannelsLast: false)
            : throw new LowbitException(
                $"{model.Path} takes images of shape {NdArray.Text(declared.AsSpan(1))}, not {NdArray.Text(first)}"
                + (takesLast ? "; no Transpose after its input shows that its channels are the last axis" : ""));
        return pixels * batch <= NdArray.MaximumCount
            ? layout
            : throw new LowbitException($"{model.Path} cannot be run: its input of shape {NdArray.Text(layout.Shape)} is too large");

        bool Fits(int[] sizes) => declared.Length == images.Length && sizes.Zip(declared.Skip(1)).All(pair => pair.Second == 0 || pair.First == pair.Second);
    }

    /// <summary>The shape of one image, channels first, of a file that gives all of its sizes; null for others.</summary>
    public static Shape? ImageOf(OnnxModel model) => model.InputSizes switch
    {
        [_, 1 or 3, > 0, > 0] and [_, var channels, var height, var width] => new Shape(channels, height, width),
        [_, > 0, > 0, 1 or 3] and [_, var height, var width, var channels] => new Shape(channels, height, width),
        [_, > 0, > 0, > 0] and [_, var channels, var height, var width] => new Shape(channels, height, width),
        _ => null,
    };

    /// <summary>Images [N, C, H, W] with their values in the file's order.</summary>
    public NdArray Arrange(NdArray images) => ChannelsLast ? Shaping.Transposed(images, ToChannelsLast) : images;

    /// <summary>Whether all that reads the input comes to a Transpose from [N, H, W, C] to [N, C, H, W] before anything else.</summary>
    static bool IsTransposed(OnnxModel model)
    {
        var readers = model.Nodes.SelectMany(node => node.Reads.Select(tensor => (tensor, node))).ToLookup(pair => pair.tensor, pair => pair.node);
        var pending = new Stack<string>([model.Input.Name]);
        bool any = false;
        var seen = new HashSet<string>();
        while (pending.TryPop(out string? tensor))
            foreach (var node in readers[tensor])
            {
                if (node.Kind is "Transpose" && node.Ints("perm") is { } order && order.AsSpan().SequenceEqual(ToChannelsFirst)) any = true;
                else if (!InPlace.Contains(node.Kind)) return false;
                else
                    foreach (string output in node.Outputs.Where(seen.Add)) pending.Push(output);
            }
        return any;
    }
}
