using System.IO.Compression;
using System.Text.Json;
using Lowbit.Data;
using Lowbit.Tests;
using Lowbit.Tests.Data;
using Lowbit.Training;
using SkiaSharp;
using Xunit;

namespace Lowbit.Cli.Tests.Commands;

/// <summary>Pictures of every kind that people have: the same picture gives the same probabilities, whatever the file looks like inside.</summary>
public sealed class PredictPicturesTests : IClassFixture<PredictPicturesTests.TrainedInColours>, IDisposable
{
    const int Side = 40;

    readonly TrainedInColours trained;
    readonly TemporaryFolder folder = new();

    public PredictPicturesTests(TrainedInColours trained) => this.trained = trained;

    /// <summary>A run whose network takes colours.</summary>
    public sealed class TrainedInColours : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public TrainedInColours() => TrainingRun.Run(new()
        {
            Dataset = new() { Name = "digits", Limit = 32, ImageSize = 16, Channels = 3 },
            Model = new() { Name = "quant_resnet20" },
            Quantization = new() { CollectStatsSteps = 1 },
            Training = new() { BatchSize = 32, Epochs = 1 },
            Checkpoint = new() { Dir = folder.PathOf("runs"), ExperimentName = "one" },
        }, new NoObserver(), CancellationToken.None);

        public string Run => folder.PathOf("runs/digits/one");

        public void Dispose() => folder.Dispose();
    }

    public void Dispose() => folder.Dispose();

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_picture_with_a_palette_transparency_or_16_bits_is_the_picture_without()
    {
        Write("plain.png", Png(2, 8, (row, column) => [Red(row), Green(column), 90]));
        Write("alpha.png", Png(6, 8, (row, column) => [Red(row), Green(column), 90, (byte)(row + column)]));
        Write("deep.png", Png(2, 16, (row, column) => [Red(row), Red(row), Green(column), Green(column), 90, 90]));
        Write("deep-alpha.png", Png(6, 16, (row, column) => [Red(row), Red(row), Green(column), Green(column), 90, 90, (byte)row, 0]));
        byte[][] palette = [.. Enumerable.Range(0, 64).Select(i => new byte[] { Red(i / 8 * 5), Green(i % 8 * 5), 90 })];
        byte[] indexed = Rows((row, column) => [(byte)(row / 5 * 8 + column / 5)]), colours = ImageBytes.Chunk("PLTE", [.. palette.SelectMany(colour => colour)]);
        Write("palette.png", ImageBytes.Png(Side, Side, 8, 3, interlaced: false, indexed, colours));
        Write("palette-alpha.png", ImageBytes.Png(Side, Side, 8, 3, interlaced: false, indexed, colours, ImageBytes.Chunk("tRNS", [.. Enumerable.Range(0, 64).Select(i => (byte)(4 * i))])));
        Write("colour-key.png", ImageBytes.Png(Side, Side, 8, 2, interlaced: false, Rows((row, column) => [Red(row), Green(column), 90]), ImageBytes.Chunk("tRNS", [0, Red(0), 0, Green(0), 0, 90])));

        var of = Predict(expectedExitCode: 0);

        Assert.Equal(7, of.Count);
        Assert.All(of, file => Assert.Equal(of["plain.png"], file.Value));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_grey_picture_of_any_depth_is_the_same_picture_in_equal_colours()
    {
        foreach (int bits in new[] { 1, 2, 4, 8, 16 })
        {
            int most = (1 << Math.Min(bits, 8)) - 1;
            byte[] rows = bits < 8 ? Packed(bits) : Rows((row, column) => [.. Enumerable.Repeat(Level(row, column, 255), bits / 8)]);
            Write($"grey{bits}.png", ImageBytes.Png(Side, Side, (byte)bits, 0, interlaced: false, rows));
            Write($"grey{bits}-colours.png", Png(2, 8, (row, column) => [.. Enumerable.Repeat((byte)(Level(row, column, most) * 255 / most), 3)]));
            if (bits >= 8) Write($"grey{bits}-alpha.png", Png(4, (byte)bits, (row, column) => [.. Enumerable.Repeat(Level(row, column, 255), bits / 8), .. Enumerable.Repeat((byte)row, bits / 8)]));
        }

        var of = Predict(expectedExitCode: 0);

        Assert.Equal(12, of.Count);
        Assert.All(of, file => Assert.Equal(of[file.Key.Split('.')[0].Split('-')[0] + "-colours.png"], file.Value));
        Assert.NotEqual(of["grey1.png"], of["grey8.png"]);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_photograph_that_was_taken_with_a_turned_camera_is_turned_back()
    {
        using SKBitmap bitmap = ImageBytes.Bitmap(Side, 30, (row, column) => new(Red(row), Green(column), 90));
        byte[] jpeg = ImageBytes.Encode(bitmap, "jpg");
        Write("1.jpg", jpeg);
        DecodedImage pixels = ImageDecoder.Read(folder.PathOf("pictures/1.jpg"), 3, 1_000_000);
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            Write($"{orientation}.jpg", ImageBytes.Turned(jpeg, orientation));
            bool onItsSide = orientation > 4, mirrored = orientation is 2 or 4 or 5 or 7;
            int degrees = orientation switch { 3 or 4 => 180, 5 or 6 => 90, 7 or 8 => 270, _ => 0 };   // clockwise, before the mirror
            using SKBitmap upright = ImageBytes.Bitmap(onItsSide ? 30 : Side, onItsSide ? Side : 30, (row, column) =>
            {
                if (mirrored) column = (onItsSide ? Side : 30) - 1 - column;
                var (y, x) = degrees switch { 90 => (Side - 1 - column, row), 180 => (Side - 1 - row, 29 - column), 270 => (column, 29 - row), _ => (row, column) };
                int at = (y * 30 + x) * 3;
                return new(pixels.Pixels[at], pixels.Pixels[at + 1], pixels.Pixels[at + 2]);
            });
            Write($"{orientation}-upright.png", ImageBytes.Encode(upright, "png"));
        }

        var of = Predict(expectedExitCode: 0);

        Assert.Equal(16, of.Count);
        Assert.All(Enumerable.Range(1, 8), orientation => Assert.Equal(of[$"{orientation}-upright.png"], of[$"{orientation}.jpg"]));
        Assert.NotEqual(of["1.jpg"], of["6.jpg"]);
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Pictures_of_one_pixel_and_of_64_megapixels_are_told_and_larger_ones_are_named()
    {
        foreach (var (width, height) in new[] { (1, 1), (2, 1), (1, 3000), (3000, 1) })
        {
            using SKBitmap bitmap = ImageBytes.Bitmap(height, width, (row, column) => new(Red(row), Green(column), 90));
            Write($"{width}x{height}.png", ImageBytes.Encode(bitmap, "png"));
        }
        Write("largest.png", ImageBytes.Png(8000, 8000, 8, 0, interlaced: false, ImageBytes.Deflated(8001L * 8000)));
        Write("larger.png", ImageBytes.Png(8001, 8000, 8, 0, interlaced: false, ImageBytes.Deflated(8002L * 8000)));

        var of = Predict(expectedExitCode: 1);

        Assert.Equal(6, of.Count);
        Assert.Contains("it has 8001 x 8000 pixels, more than the 64000000 that dataset.max_megapixels allows", of["larger.png"]);
        Assert.All(of.Where(file => file.Key != "larger.png"), file => Assert.Equal(1, JsonSerializer.Deserialize<double[]>(file.Value)!.Sum(), 1e-9));
    }

    static byte Red(int row) => (byte)(row / 5 * 30);

    static byte Green(int column) => (byte)(250 - column / 5 * 25);

    static byte Level(int row, int column, int most) => (byte)((row / 5 + column / 5) * (most + 1) / 16 % (most + 1));

    /// <summary>The file of a picture of 40 x 40 pixels.</summary>
    static byte[] Png(byte colours, byte depth, Func<int, int, byte[]> pixel) => ImageBytes.Png(Side, Side, depth, colours, interlaced: false, Rows(pixel));

    static byte[] Rows(Func<int, int, byte[]> pixel) => Compressed(row => Enumerable.Range(0, Side).SelectMany(column => pixel(row, column)));

    /// <summary>Grey of less than eight bits, several pixels a byte.</summary>
    static byte[] Packed(int bits) => Compressed(row => Enumerable.Range(0, Side).Chunk(8 / bits)
        .Select(columns => (byte)columns.Aggregate(0, (value, column) => value << bits | Level(row, column, (1 << bits) - 1))));

    static byte[] Compressed(Func<int, IEnumerable<byte>> row)
    {
        var result = new MemoryStream();
        using (var deflate = new ZLibStream(result, CompressionLevel.Fastest))
            for (int i = 0; i < Side; i++) deflate.Write([0, .. row(i)]);
        return result.ToArray();
    }

    void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(folder.PathOf("pictures"));
        File.WriteAllBytes(folder.PathOf("pictures", name), content);
    }

    /// <summary>By file, the probabilities of all classes in the order of the classes, or what is wrong with it.</summary>
    Dictionary<string, string> Predict(int expectedExitCode)
    {
        var (exitCode, output, errors) = LowbitProcess.Run(folder.Path, "predict", trained.Run, "pictures", "--top", "10", "--json");
        Assert.True(exitCode == expectedExitCode, errors);
        return output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(
            file => Path.GetFileName(file.GetProperty("file").GetString()!),
            file => file.TryGetProperty("error", out JsonElement error) ? error.GetString()!
                : $"[{string.Join(",", file.GetProperty("predictions").EnumerateArray().OrderBy(of => of.GetProperty("index").GetInt32()).Select(of => of.GetProperty("probability").GetRawText()))}]");
    }
}
