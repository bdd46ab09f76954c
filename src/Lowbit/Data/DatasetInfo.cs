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

    /// <summary>Photographs of no dataset, with the mean and deviation of ImageNet's images, which photographs are near to.</summary>
    /// <param name="image">The shape of one image, channels first; of one channel or three.</param>
    public static DatasetInfo Photographs(Shape image)
    {
        IReadOnlyList<float> Of(float[] statistic) => image.Channels == 3 ? statistic : WithChannels.Convert(statistic, image.Channels);
        return new("photographs", image.Channels, image.Height, image.Width, [], Of([0.485f, 0.456f, 0.406f]), Of([0.229f, 0.224f, 0.225f]));
    }
}
