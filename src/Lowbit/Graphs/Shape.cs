namespace Lowbit.Graphs;

/// <summary>The shape of one image's value in a network, without the batch: channels x height x width, or flat features.</summary>
/// <param name="Channels">Channels, or features where the shape is flat.</param>
/// <param name="Height">Height in pixels, 0 where the shape is flat.</param>
/// <param name="Width">Width in pixels, 0 where the shape is flat.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>A vector of features, as linear layers take and give.</summary>
    public static Shape Flat(int features) => new(features, 0, 0);

    /// <summary>Whether this is a vector of features rather than an image.</summary>
    public bool IsFlat => Height == 0;

    /// <summary>Values an image of this shape holds.</summary>
    public long Elements => IsFlat ? Channels : (long)Channels * Height * Width;

    /// <summary>The dimensions in torch's order: [C, H, W] or [features].</summary>
    public long[] Dimensions => IsFlat ? [Channels] : [Channels, Height, Width];

    /// <summary>For people: 64x32x32, or 512.</summary>
    public override string ToString() => IsFlat ? $"{Channels}" : $"{Channels}x{Height}x{Width}";
}
