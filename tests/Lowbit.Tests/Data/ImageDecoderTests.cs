using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using Lowbit.Data;
using SkiaSharp;
using StbImageSharp;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class ImageDecoderTests : WithImageFiles
{
    [Theory]
    [InlineData("png")]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("webp")]
    public void Pixels_of_lossless_formats_arrive_as_they_are(string extension)
    {
        foreach (var bitmap in ImageBytes.RealImages(10))
        {
            int step = extension == "gif" ? 2 : 1;
            byte[] expected = [.. bitmap.Pixels.Select(colour => (byte)(colour.Red / step * step))];
            var grey = Read($"a.{extension}", ImageBytes.Encode(bitmap, extension), channels: 1);
            Assert.Equal((32, 32), (grey.Height, grey.Width));
            Assert.Equal(expected, grey.Pixels);
            Assert.Equal([.. expected.SelectMany(pixel => new[] { pixel, pixel, pixel })], ImageDecoder.Read(Folder[$"a.{extension}"], 3, MaxPixels).Pixels);
        }
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Real_photographs_differ_by_three_levels_at_most_from_another_decoder_and_by_a_fifth_of_one_in_the_mean()
    {
        string archive = Path.Combine(Repository.Root, "..", "shared", "data", "cifar10-jpeg.tar.gz");
        Assert.SkipUnless(File.Exists(archive), $"The photographs are not at {archive}");
        byte[][] photographs = [.. JpegsIn(archive).Take(200)];
        Assert.Equal(200, photographs.Length);
        int most = 0;
        double sum = 0, count = 0;
        foreach (byte[] content in photographs)
        {
            byte[] other = ImageResult.FromMemory(content, ColorComponents.RedGreenBlue).Data, ours = Read("a.jpg", content).Pixels;
            Assert.Equal(other.Length, ours.Length);
            for (int i = 0; i < ours.Length; i++)
            {
                int difference = Math.Abs(other[i] - ours[i]);
                (most, sum) = (Math.Max(most, difference), sum + difference);
            }
            count += ours.Length;

            // The same photographs in formats without loss: byte for byte.
            using var bitmap = SKBitmap.Decode(content);
            foreach (string extension in new[] { "png", "bmp" })
            {
                byte[] encoded = ImageBytes.Encode(bitmap, extension);
                Assert.True(Read($"a.{extension}", encoded).Pixels.AsSpan().SequenceEqual(ImageResult.FromMemory(encoded, ColorComponents.RedGreenBlue).Data));
            }
            byte[] png = Read("a.png", ImageBytes.Encode(bitmap, "png")).Pixels;
            Assert.True(Read("a.webp", ImageBytes.Encode(bitmap, "webp")).Pixels.AsSpan().SequenceEqual(png));
        }
        Assert.InRange(most, 0, 3);
        Assert.InRange(sum / count, 0, 0.2);
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("webp")]
    public void A_file_cut_anywhere_is_no_image(string extension)
    {
        using var bitmap = ImageBytes.RealImages(1)[0];
        byte[] whole = ImageBytes.Encode(bitmap, extension);
        Read($"a.{extension}", whole);

        // What ends a WebP and a GIF file are a filling byte and two that end lists.
        int last = extension is "gif" or "webp" ? whole.Length - 3 : whole.Length - 1;
        for (int length = 0; length <= last; length += length < 100 || length > last - 20 ? 1 : 37)
            AssertIsRefused($"a.{extension}", whole[..length]);
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("webp")]
    public void Content_of_another_format_than_the_name_promises_is_no_image(string name)
    {
        using var bitmap = ImageBytes.RealImages(1)[0];
        foreach (string content in new[] { "png", "jpg", "bmp", "gif", "webp" })
            if (content != name)
                AssertIsRefused($"a.{name}", ImageBytes.Encode(bitmap, content));
        byte[] psd = [.. "8BPS"u8, 0, 1, .. new byte[6], 0, 3, 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 0, 8, 0, 3, .. new byte[14]];
        byte[] tga = [0, 0, 2, .. new byte[9], 32, 0, 32, 0, 24, 0, .. new byte[32 * 32 * 3]];
        byte[] hdr = [.. "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n"u8, .. new byte[16]];
        foreach (byte[] other in new[] { psd, tga, hdr }) AssertIsRefused($"a.{name}", other);
    }

    [Fact]
    public void The_one_image_of_ImageNet_that_is_another_format_than_its_name_says_is_read()
    {
        using var bitmap = ImageBytes.RealImages(1)[0];
        Assert.Equal(32, Read("n02105855_2933.JPEG", ImageBytes.Encode(bitmap, "png")).Width);
    }

    [Fact]
    public void A_bitmap_that_is_a_header_alone_is_no_image()
    {
        byte[] whole = ImageBytes.Encode(ImageBytes.RealImages(1)[0], "bmp"), header = whole[..54];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), 2000);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), 2000);
        AssertIsRefused("a.bmp", header);
        Assert.False(ImageFormat.Of("a.bmp")!.Holds(header, 2000, 2000), "known before memory is taken for the pixels");
        Assert.True(ImageFormat.Of("a.bmp")!.Holds(whole, 8, 8));
    }

    [Theory]
    [InlineData(1, new[] { 1, 2, 3, 4, 5, 6 }, 2)]
    [InlineData(2, new[] { 3, 2, 1, 6, 5, 4 }, 2)]
    [InlineData(3, new[] { 6, 5, 4, 3, 2, 1 }, 2)]
    [InlineData(4, new[] { 4, 5, 6, 1, 2, 3 }, 2)]
    [InlineData(5, new[] { 1, 4, 2, 5, 3, 6 }, 3)]
    [InlineData(6, new[] { 4, 1, 5, 2, 6, 3 }, 3)]
    [InlineData(7, new[] { 6, 3, 5, 2, 4, 1 }, 3)]
    [InlineData(8, new[] { 3, 6, 2, 5, 1, 4 }, 3)]
    public void The_orientation_of_a_photograph_is_applied(int orientation, int[] expected, int rows)
    {
        // Fields of 16x16 pixels, 1 to 6 times 40: 1 2 3 above 4 5 6.
        using var bitmap = ImageBytes.Bitmap(32, 48, (row, column) => Grey(40 * (row / 16 * 3 + column / 16 + 1)));
        byte[] jpeg = ImageBytes.Turned(ImageBytes.Encode(bitmap, "jpg"), orientation);
        foreach (int channels in new[] { 1, 3 })
        {
            var image = Read("a.jpg", jpeg, channels);
            int columns = 6 / rows;
            Assert.Equal((16 * rows, 16 * columns), (image.Height, image.Width));
            for (int field = 0; field < 6; field++)
            {
                int row = field / columns * 16 + 8, column = field % columns * 16 + 8;
                Assert.InRange(image.Pixels[(row * image.Width + column) * channels], 40 * expected[field] - 4, 40 * expected[field] + 4);
            }
        }
    }

    [Fact]
    public void Messages_have_no_control_characters_whatever_the_file_is_called_and_holds()
    {
        byte[] damaged = ImageBytes.Png(4, 4, ImageBytes.Deflated(52), ImageBytes.Chunk("\0\0\0\0", new byte[9]));
        foreach (string name in new[] { "a\u001b[31m\n.png", "plain.png" })
            Assert.DoesNotContain(AssertIsRefused(name, damaged), char.IsControl);
    }

    [Fact]
    public void A_pipe_and_a_device_are_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes among files are made for Linux here");
        Process.Start("mkfifo", Folder["pipe.png"]).WaitForExit();
        File.CreateSymbolicLink(Folder["device.png"], "/dev/zero");
        File.CreateSymbolicLink(Folder["link.png"], Folder["pipe.png"]);
        foreach (string name in new[] { "pipe.png", "device.png", "link.png" })
            Assert.Throws<CorruptImageException>(() => ImageDecoder.Read(Folder[name], 3, MaxPixels));
    }

    [Fact]
    public void A_link_to_an_image_is_read()
    {
        File.WriteAllBytes(Folder["real.bin"], ImageBytes.Encode(ImageBytes.RealImages(1)[0], "png"));
        File.CreateSymbolicLink(Folder["link.png"], Folder["real.bin"]);
        Assert.Equal(32, ImageDecoder.Read(Folder["link.png"], 3, MaxPixels).Width);
    }

    static SKColor Grey(int value) => new((byte)value, (byte)value, (byte)value);

    static IEnumerable<byte[]> JpegsIn(string archive)
    {
        using var tar = new TarReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
            if (entry.DataStream is { } content && entry.Name.EndsWith(".jpg", StringComparison.Ordinal))
            {
                var bytes = new MemoryStream();
                content.CopyTo(bytes);
                yield return bytes.ToArray();
            }
    }
}
