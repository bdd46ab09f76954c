using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

public class CropAndFlipTests
{
    const int Height = 5, Width = 4, Channels = 3, Padding = 2, Draws = 2000;

    static readonly DatasetInfo Info = new("own", Channels, Height, Width, ["only"], [0, 0, 0], [1, 1, 1]);
    static readonly byte[] Image = [.. Enumerable.Range(1, Height * Width * Channels).Select(value => (byte)value)];
    static readonly ImagesInMemory Source = new(Image, [0]);

    [Fact]
    public void Every_shift_and_mirror_comes_about_equally_often_and_nothing_else_does()
    {
        var expected = new Dictionary<string, int>();
        for (int down = -Padding; down <= Padding; down++)
            for (int right = -Padding; right <= Padding; right++)
                foreach (bool mirrored in new[] { false, true })
                    expected[Convert.ToHexString(Moved(down, right, mirrored))] = 0;
        Assert.Equal(50, expected.Count);

        var source = new CropAndFlip(Source, Info, Padding, flip: true);
        byte[] image = new byte[Image.Length];
        for (int i = 0; i < Draws; i++)
        {
            source.Read(0, image, new RandomStream(i));
            expected[Convert.ToHexString(image)]++;
        }
        // 40 times each; this far from it happens to one of 50 about once in ten thousand runs, and the numbers are always the same.
        Assert.Equal(50, expected.Count);
        Assert.All(expected.Values, count => Assert.InRange(count, 40 - 28, 40 + 28));
    }

    [Fact]
    public void Without_mirroring_no_image_is_mirrored()
    {
        var source = new CropAndFlip(Source, Info, padding: 0, flip: false);
        byte[] image = new byte[Image.Length];
        for (int i = 0; i < 50; i++)
        {
            source.Read(0, image, new RandomStream(i));
            Assert.Equal(Image, image);
        }
    }

    [Fact]
    public void Evaluation_sees_the_image_as_it_is()
    {
        byte[] image = new byte[Image.Length];
        new CropAndFlip(Source, Info, Padding, flip: true).Read(0, image);
        Assert.Equal(Image, image);
    }

    [Fact]
    public void A_move_wider_than_the_image_leaves_black_or_a_part_of_it()
    {
        var source = new CropAndFlip(Source, Info, padding: 9, flip: true);
        byte[] image = new byte[Image.Length];
        for (int i = 0; i < 200; i++)
        {
            source.Read(0, image, new RandomStream(i));
            Assert.True(image.Where(value => value != 0).Distinct().Count() == image.Count(value => value != 0));
        }
    }

    /// <summary>Pixel by pixel, as the words say it.</summary>
    static byte[] Moved(int down, int right, bool mirrored)
    {
        byte[] moved = new byte[Image.Length];
        for (int row = 0; row < Height; row++)
            for (int column = 0; column < Width; column++)
                for (int channel = 0; channel < Channels; channel++)
                {
                    int fromRow = row - down, fromColumn = (mirrored ? Width - 1 - column : column) - right;
                    if (fromRow is >= 0 and < Height && fromColumn is >= 0 and < Width)
                        moved[(row * Width + column) * Channels + channel] = Image[(fromRow * Width + fromColumn) * Channels + channel];
                }
        return moved;
    }
}
