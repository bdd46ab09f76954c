using System.Diagnostics;
using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>What decoding an image may cost: pixels, bytes, memory, time.</summary>
public sealed class ImageBoundsTests : WithImageFiles
{
    [Fact]
    public void More_pixels_than_allowed_are_refused_by_the_header_alone()
    {
        byte[] bomb = ImageBytes.Png(16_000, 16_000, ImageBytes.Deflated(1 << 20));
        long before = Environment.WorkingSet;
        string message = AssertIsRefused("a.png", bomb);
        Assert.Contains("16000 x 16000", message);
        Assert.Contains("max_megapixels", message);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 100 << 20);
    }

    [Fact]
    public void As_many_pixels_as_allowed_are_read()
    {
        File.WriteAllBytes(Folder["a.png"], ImageBytes.Png(1000, 10, ImageBytes.Deflated(10 * 3001)));
        Assert.Equal(1000, ImageDecoder.Read(Folder["a.png"], 3, 10_000).Width);
        Assert.Throws<CorruptImageException>(() => ImageDecoder.Read(Folder["a.png"], 3, 9_999));
    }

    [Fact]
    public void A_file_far_larger_than_its_pixels_can_be_is_not_read_at_all()
    {
        using (var file = File.Create(Folder["a.png"])) file.SetLength(3L << 30);
        Assert.Contains("bytes", Assert.Throws<CorruptImageException>(() => ImageDecoder.Read(Folder["a.png"], 3, MaxPixels)).Message);
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("a.jpg")]
    [InlineData("b.jpg")]
    public void The_most_that_64_megapixels_can_cost_is_bounded(string name)
    {
        Assert.SkipUnless(LongTests.AreWanted, LongTests.Reason);
        byte[] content = name == "a.png"
            ? ImageBytes.Png(8000, 8000, 16, 6, interlaced: true, ImageBytes.Deflated(8000L * 64_001 + 200_000))
            : ImageBytes.ProgressiveJpeg(8000, 8000, scans: name == "a.jpg" ? 90 : 100_000);
        File.WriteAllBytes(Folder[name], content);
        long peak = 0;
        using var end = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                peak = Math.Max(peak, Environment.WorkingSet);
                Thread.Sleep(5);
            }
        });
        watch.Start();
        var clock = Stopwatch.StartNew();
        try
        {
            Assert.Equal(64_000_000, ImageDecoder.Read(Folder[name], 1, MaxPixels).Pixels.Length);
        }
        catch (CorruptImageException error)
        {
            // What is slow on a busy machine, or has too many scans.
            TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        }
        finally
        {
            end.Cancel();
            watch.Join();
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalSeconds:f1} s, {peak >> 20} MiB");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 25);
        Assert.InRange(peak, 0, 3L << 29);
    }

    [Theory]
    [InlineData("IDAT")]
    [InlineData("zTXt")]
    [InlineData("iCCP")]
    public void Bytes_that_inflate_to_far_more_than_the_image_has_are_not_inflated(string chunk)
    {
        byte[] bomb = ImageBytes.Deflated(300 << 20), small = ImageBytes.Deflated(32 * 97);
        byte[] content = chunk == "IDAT" ? ImageBytes.Png(32, 32, bomb) : ImageBytes.Png(32, 32, small, ImageBytes.Chunk(chunk, [.. "x\0\0"u8, .. bomb]));
        long before = Environment.WorkingSet;
        Assert.Equal(32, Read("a.png", content).Height);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 100 << 20);
    }

    [Theory]
    [InlineData("a.jpg", new byte[] { 0xFF, 0xD8, 0xFF, 0xE1, 0x40, 0, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 9, 0 })]
    [InlineData("a.jpg", new byte[] { 0xFF, 0xD8, 0xFF, 0xE1, 0x40, 0, 0x45, 0x78, 0x69, 0x66, 0, 0, 0xFF, 0xD8, 0xFF, 0xD9, 8, 0, 0, 0, 9, 0 })]
    public void A_photograph_cut_within_its_exif_data_ends_at_once(string name, byte[] content)
    {
        var clock = Stopwatch.StartNew();
        AssertIsRefused(name, content);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void Work_that_takes_too_long_is_given_up()
    {
        using var end = new ManualResetEventSlim();
        var error = Assert.Throws<TimeoutException>(() => TimeLimit.Run(() => end.Wait(TimeSpan.FromMinutes(1)), TimeSpan.FromMilliseconds(50)));
        Assert.Contains("seconds", error.Message);
        end.Set();
        Assert.Equal(7, TimeLimit.Run(() => 7, TimeSpan.FromSeconds(20)));
        Assert.Throws<InvalidDataException>(() => TimeLimit.Run<int>(() => throw new InvalidDataException(), TimeSpan.FromSeconds(20)));
    }
}
