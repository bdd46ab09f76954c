using Lowbit.Graphs;

namespace Lowbit.Data;

/// <summary>What a network must know of a dataset.</summary>
/// <param name="Name">Its name in a configuration.</param>
/// <param name="Channels">Channels of its images, as they reach the network.</param>
/// <param name="Height">Their height in pixels.</param>
/// <param name="Width">Their width in pixels.</param>
/// <param name="Classes">The names of its classes, by label.</param>
/// <param name="Mean">The mean of each channel, in units of 255.</param>
/// <param name="Deviation">The standard deviation of each channel, in units of 255.</param>
public sealed record DatasetInfo(
    string Name, int Channels, int Height, int Width, IReadOnlyList<string> Classes, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>Channels, height and width.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public Shape Shape => new(Channels, Height, Width);

    /// <summary>Bytes of an image.</summary>
    internal int ImageBytes => Channels * Height * Width;
}
