using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Cutout and random erasing, against their papers' words.</summary>
public class ErasingTests
{
    const int Height = 12, Width = 10, Channels = 3, Draws = 4000;

    static readonly DatasetInfo Info = new("own", Channels, Height, Width, ["only"], [0.1f, 0.5f, 0.9f], [1, 1, 1]);
    static readonly ImagesInMemory Source = new(new byte[Height * Width * Channels], [0]);

    [Theory, InlineData(4), InlineData(5), InlineData(40)]
    public void Cutout_covers_a_square_of_the_mean_around_every_pixel_equally_often(int side)
    {
        var expected = new Dictionary<string, int>();
        for (int row = 0; row < Height; row++)
            for (int column = 0; column < Width; column++)
                expected[Convert.ToHexString(Covered(row, column, side))] = 0;
        var source = new Cutout(Source, Info, side);
        byte[] image = new byte[Height * Width * Channels];
        for (int i = 0; i < Draws; i++)
        {
            source.Read(0, image, new RandomStream(i));
            expected[Convert.ToHexString(image)]++;   // an image that is not expected throws
        }
        if (side == 40) Assert.Equal(Draws, Assert.Single(expected).Value);
        else Assert.All(expected.Values, count => Assert.InRange(count, 10, 65));   // 33 each
    }

    [Fact]
    public void Random_erasing_fills_a_rectangle_of_2_to_40_percent_with_random_pixels_as_often_as_it_is_told()
    {
        const int Side = 40;
        var info = new DatasetInfo("own", 1, Side, Side, ["only"], [0], [1]);
        byte[] image = new byte[Side * Side];
        var source = new RandomErasing(new ImagesInMemory(new byte[Side * Side], [0]), info, 0.3);
        var (erased, areas, aspects, values) = (0, new List<double>(), new List<double>(), new int[256]);
        for (int i = 0; i < Draws; i++)
        {
            source.Read(0, image, new RandomStream(i));
            int[] changed = [.. Enumerable.Range(0, image.Length).Where(at => image[at] != 0)];
            if (changed.Length == 0) continue;
            erased++;
            int top = changed.Min(at => at / Side), bottom = changed.Max(at => at / Side), left = changed.Min(at => at % Side), right = changed.Max(at => at % Side);
            double height = bottom - top + 1, width = right - left + 1;
            Assert.True(changed.Length > 0.9 * height * width, "not a rectangle");   // a 256th of random pixels is black
            areas.Add(height * width / image.Length);
            aspects.Add(height / width);
            foreach (int at in changed) values[image[at]]++;
        }
        Assert.InRange(erased, 0.3 * Draws - 90, 0.3 * Draws + 90);
        Assert.InRange(areas.Min(), 0.01, 0.03);
        Assert.InRange(areas.Max(), 0.36, 0.42);
        Assert.InRange(aspects.Min(), 0.25, 0.34);
        Assert.InRange(aspects.Max(), 3, 3.8);
        Assert.InRange(values[1..].Max() / (double)values[1..].Min(), 1, 1.4);
    }

    [Fact]
    public void Evaluation_and_images_that_are_not_chosen_stay_as_they_are()
    {
        byte[] image = new byte[Height * Width * Channels];
        foreach (IImageSource source in new IImageSource[] { new Cutout(Source, Info, 4), new RandomErasing(Source, Info, 1) })
        {
            source.Read(0, image);
            Assert.All(image, value => Assert.Equal(0, value));
            Assert.Equal((1, 0), (source.Count, source.Label(0)));
        }
        new RandomErasing(Source, Info, 0).Read(0, image, new RandomStream(1));
        Assert.All(image, value => Assert.Equal(0, value));
    }

    [Fact]
    public void An_image_of_few_pixels_is_erased_without_end_or_error()
    {
        byte[] image = new byte[3];
        for (int i = 0; i < 100; i++)
            new RandomErasing(new ImagesInMemory(image, [0]), new("own", 1, 1, 3, ["only"], [0], [1]), 1).Read(0, new byte[3], new RandomStream(i));
    }

    /// <summary>Pixel by pixel: side / 2 before the centre, the rest from it on.</summary>
    static byte[] Covered(int centreRow, int centreColumn, int side)
    {
        byte[] image = new byte[Height * Width * Channels];
        byte[] mean = [26, 128, 230];   // 0.1, 0.5 and 0.9 of 255, rounded; halves to even
        for (int row = 0; row < Height; row++)
            for (int column = 0; column < Width; column++)
                if (row >= centreRow - side / 2 && row < centreRow - side / 2 + side && column >= centreColumn - side / 2 && column < centreColumn - side / 2 + side)
                    mean.CopyTo(image, (row * Width + column) * Channels);
        return image;
    }
}
