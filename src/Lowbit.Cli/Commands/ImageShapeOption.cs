using System.CommandLine;
using Lowbit.Configuration;
using Lowbit.Graphs;

namespace Lowbit.Cli.Commands;

/// <summary><c>--image-shape</c>: what an ONNX file may leave open.</summary>
static class ImageShapeOption
{
    public static Option<string?> Create() => new("--image-shape") { Description = "The shape of one image, as in 3x32x32, where the file leaves it open.", HelpName = "CxHxW" };

    /// <exception cref="ConfigurationException">It is not sizes.</exception>
    public static int[]? Sizes(string? shape)
    {
        if (shape is null) return null;
        int[] sizes = [.. shape.Split('x').Select(size => int.TryParse(size, out int number) ? number : 0)];
        return sizes.All(size => size > 0) ? sizes : throw new ConfigurationException([$"--image-shape is {shape}; sizes as in 3x32x32 are expected"]);
    }

    /// <exception cref="ConfigurationException">It is not channels, height and width.</exception>
    public static Shape? Read(string? shape) => Sizes(shape) switch
    {
        null => null,
        [var channels, var height, var width] => new Shape(channels, height, width),
        _ => throw new ConfigurationException([$"--image-shape is {shape}; channels, height and width as in 3x32x32 are expected"]),
    };
}
