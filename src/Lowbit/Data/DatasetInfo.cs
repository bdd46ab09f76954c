using System.Text.Json.Serialization;
using Lowbit.Graphs;

namespace Lowbit.Data;

/// <summary>What a network must know of the images that it is trained on.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Pixels from top to bottom.</param>
/// <param name="Width">Pixels from left to right.</param>
/// <param name="Classes">The classes' names, in the order of the labels.</param>
/// <param name="Mean">The mean of each channel over the training images, in units of pixel / 255.</param>
/// <param name="Std">The standard deviation of each channel over the training images, in units of pixel / 255.</param>
public sealed record DatasetInfo(
    string Name, int Channels, int Height, int Width, IReadOnlyList<string> Classes,
    IReadOnlyList<float> Mean, [property: JsonPropertyName("Deviation")] IReadOnlyList<float> Std)
{
    /// <summary>The shape of one image.</summary>
    [JsonIgnore]
    public Shape Shape => new(Channels, Height, Width);
}
