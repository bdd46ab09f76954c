namespace Lowbit.Data;

/// <summary>The part of an image that is resized to what a network sees.</summary>
readonly record struct CropWindow(double Top, double Left, double Height, double Width)
{
    const double SmallestArea = 0.08, WidestAspect = 4.0 / 3;
    const int Tries = 10;

    /// <summary>
    /// The middle square, 224/256 as long as the shorter side: what is left when that becomes 256 pixels and 224 are cut out.
    /// Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural Networks", section 2.
    /// </summary>
    public static CropWindow Centre(DecodedImage image, int size)
    {
        double side = Math.Min(image.Height, image.Width) * size / Math.Round(size * 256 / 224.0);
        return new((image.Height - side) / 2, (image.Width - side) / 2, side, side);
    }

    /// <summary>The largest part in the middle whose sides are as the height and the width of what it becomes.</summary>
    public static CropWindow Middle(DecodedImage image, int height, int width)
    {
        double scale = Math.Min((double)image.Height / height, (double)image.Width / width);
        return new((image.Height - scale * height) / 2, (image.Width - scale * width) / 2, scale * height, scale * width);
    }

    /// <summary>Resizes this part of an image to a height and a width.</summary>
    public void Resize(DecodedImage image, int channels, int height, int width, Span<byte> result) => Data.Resize.Bilinear(
        image.Pixels, channels, new ResizeAxis(image.Height, Top, Height, height), new ResizeAxis(image.Width, Left, Width, width), result);

    /// <summary>
    /// A random part of 8 % to 100 % of the image's area and an aspect from 3:4 to 4:3.
    /// Szegedy et al. 2015, "Going Deeper with Convolutions", section 6.
    /// </summary>
    public static CropWindow Random(DecodedImage image, RandomStream random)
    {
        for (int i = 0; i < Tries; i++)
        {
            double area = image.Height * image.Width * (SmallestArea + (1 - SmallestArea) * random.NextDouble());
            double aspect = Math.Pow(WidestAspect, 2 * random.NextDouble() - 1);
            int width = (int)Math.Round(Math.Sqrt(area * aspect)), height = (int)Math.Round(Math.Sqrt(area / aspect));
            if (width < 1 || width > image.Width || height < 1 || height > image.Height) continue;
            return new(random.Next(image.Height - height + 1), random.Next(image.Width - width + 1), height, width);
        }
        return Largest(image);
    }

    /// <summary>The largest part in the middle that is no longer one way than is allowed.</summary>
    static CropWindow Largest(DecodedImage image)
    {
        double height = Math.Min(image.Height, image.Width * WidestAspect), width = Math.Min(image.Width, image.Height * WidestAspect);
        return new((image.Height - height) / 2, (image.Width - width) / 2, height, width);
    }
}
