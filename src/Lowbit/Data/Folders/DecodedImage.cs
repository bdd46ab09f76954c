namespace Lowbit.Data;

/// <summary>An image file's pixels, height x width x channels, as they are to be looked at.</summary>
readonly record struct DecodedImage(byte[] Pixels, int Height, int Width);
