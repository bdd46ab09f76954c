using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>Brings a dataset's images to the size and the channels that the options ask for.</summary>
static class Conversion
{
    /// <summary>
    /// What the images are afterwards. The grey deviation is that of channels that rise and fall together, as colours nearly do.
    /// </summary>
    public static DatasetInfo Describe(DatasetInfo info, DatasetOptions options)
    {
        if (options.ImageSize is { } size) info = info with { Height = size, Width = size };
        return options.Channels is not { } channels || channels == info.Channels ? info : info with
        {
            Channels = channels,
            Mean = WithChannels.Convert(info.Mean, channels),
            Std = WithChannels.Convert(info.Std, channels),
        };
    }

    /// <summary>The images, converted when they are read.</summary>
    public static IImageSource Apply(IImageSource images, DatasetInfo before, DatasetOptions options)
    {
        if (options.ImageSize is { } size && (size, size) != (before.Height, before.Width)) images = new Resized(images, before, size);
        return options.Channels is { } channels && channels != before.Channels ? new WithChannels(images, channels) : images;
    }
}
