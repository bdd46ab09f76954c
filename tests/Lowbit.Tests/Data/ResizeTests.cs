using Lowbit.Data;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Data;

public class ResizeTests
{
    [Theory]
    [InlineData(8, 8, 32, 32)]
    [InlineData(20, 13, 31, 40)]
    [InlineData(5, 7, 5, 7)]
    public void Growing_is_torchs_bilinear_interpolation(int height, int width, int newHeight, int newWidth)
    {
        using var scope = NewDisposeScope();
        byte[] image = new byte[height * width * 3];
        new Random(height).NextBytes(image);
        byte[] actual = Resized(image, 3, new(height, 0, height, newHeight), new(width, 0, width, newWidth));

        var planes = tensor(image, [1, height, width, 3]).permute(0, 3, 1, 2).to(float64);
        var expected = nn.functional.interpolate(planes, [newHeight, newWidth], mode: InterpolationMode.Bilinear, align_corners: false);
        var pixels = actual.Zip(expected.permute(0, 2, 3, 1).contiguous().data<double>());
        Assert.All(pixels, pixel => Assert.Equal(pixel.Second, pixel.First, 0.501));
    }

    [Fact]
    public void Shrinking_by_a_whole_number_weighs_pixels_by_a_triangle_as_wide_as_two_new_ones()
    {
        // From 6 pixels to 2: the centres are pixels 1 and 4, and the weights are 3, 2 and 1 at distances 0, 1 and 2.
        byte[] row = [90, 30, 60, 120, 240, 0];
        double first = (2 * 90 + 3 * 30 + 2 * 60 + 1 * 120) / 8.0, second = (1 * 60 + 2 * 120 + 3 * 240 + 2 * 0) / 8.0;
        byte[] resized = Resized(row, 1, new(1, 0, 1, 1), new(6, 0, 6, 2));
        Assert.Equal(first, resized[0], 0.501);
        Assert.Equal(second, resized[1], 0.501);
    }

    [Fact]
    public void Fine_stripes_become_grey_and_not_coarse_stripes()
    {
        byte[] stripes = [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)(i % 2 * 255))];
        byte[] resized = Resized(stripes, 1, new(64, 0, 64, 9), new(64, 0, 64, 9));
        Assert.All(resized, pixel => Assert.InRange(pixel, 118, 137));
    }

    [Fact]
    public void A_part_of_an_image_is_what_it_is_alone_away_from_its_border()
    {
        byte[] image = new byte[40 * 40];
        new Random(3).NextBytes(image);
        byte[] part = [.. Enumerable.Range(10, 20).SelectMany(row => image[(row * 40 + 5)..(row * 40 + 25)])];
        byte[] cropped = Resized(image, 1, new(40, 10, 20, 10), new(40, 5, 20, 10));
        byte[] alone = Resized(part, 1, new(20, 0, 20, 10), new(20, 0, 20, 10));
        for (int row = 1; row < 9; row++) Assert.Equal(alone[(row * 10 + 1)..(row * 10 + 9)], cropped[(row * 10 + 1)..(row * 10 + 9)]);
    }

    static byte[] Resized(byte[] image, int channels, ResizeAxis rows, ResizeAxis columns)
    {
        byte[] result = new byte[rows.Length * columns.Length * channels];
        Resize.Bilinear(image, channels, rows, columns, result);
        return result;
    }
}
