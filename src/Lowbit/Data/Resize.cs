namespace Lowbit.Data;

/// <summary>Images of another size.</summary>
static class Resize
{
    /// <summary>
    /// Bilinear interpolation between the centres of pixels; where the image shrinks, over as many of them as one new pixel covers, so that
    /// nothing between them is lost.
    /// </summary>
    /// <param name="image">[height, width, channel].</param>
    /// <param name="height">Its height.</param>
    /// <param name="width">Its width.</param>
    /// <param name="channels">Its channels.</param>
    /// <param name="newHeight">The height to give it.</param>
    /// <param name="newWidth">The width to give it.</param>
    public static byte[] Bilinear(ReadOnlySpan<byte> image, int height, int width, int channels, int newHeight, int newWidth)
    {
        (int First, float[] Weights)[] rows = Weights(height, newHeight), columns = Weights(width, newWidth);
        var narrow = new float[height * newWidth * channels];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < newWidth; x++)
                for (int i = 0; i < columns[x].Weights.Length; i++)
                    for (int c = 0; c < channels; c++)
                        narrow[(y * newWidth + x) * channels + c] += columns[x].Weights[i] * image[(y * width + columns[x].First + i) * channels + c];
        var resized = new byte[newHeight * newWidth * channels];
        int row = newWidth * channels;
        for (int y = 0; y < newHeight; y++)
            for (int at = 0; at < row; at++)
            {
                float sum = 0;
                for (int i = 0; i < rows[y].Weights.Length; i++) sum += rows[y].Weights[i] * narrow[(rows[y].First + i) * row + at];
                resized[y * row + at] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        return resized;
    }

    /// <summary>For each new pixel, the first old one that it is made of, and how much of that and the following ones.</summary>
    static (int First, float[] Weights)[] Weights(int size, int newSize)
    {
        double ratio = (double)size / newSize, reach = Math.Max(1, ratio);
        return [.. Enumerable.Range(0, newSize).Select(i =>
        {
            double centre = (i + 0.5) * ratio - 0.5;
            int first = Math.Max(0, (int)Math.Ceiling(centre - reach)), last = Math.Min(size - 1, (int)Math.Floor(centre + reach));
            double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(old => Math.Max(0, 1 - Math.Abs(old - centre) / reach))];
            double sum = weights.Sum();
            return (first, weights.Select(weight => (float)(weight / sum)).ToArray());
        })];
    }
}
