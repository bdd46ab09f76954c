using Lowbit.Configuration;
using Lowbit.Data;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    readonly TemporaryFolder root = new();

    DatasetOptions Options => new() { Name = "imagefolder", Root = root.Path, ImageSize = 32, NumWorkers = 2 };

    [Fact]
    public void Classes_are_the_folders_in_the_order_of_their_names_and_each_image_has_its_own()
    {
        WriteTwoClasses();
        using var splits = Datasets.Open(Options);
        Assert.Equal(["blue", "red"], splits.Info.Classes);
        Assert.Equal(new(3, 32, 32), splits.Info.Shape);
        Assert.Equal((12, 4), (splits.Train.Count, splits.Test.Count));
        foreach (var loader in new[] { splits.TrainingLoader(5, seed: 1), splits.EvaluationLoader(splits.Test, 5) })
            foreach (var batch in loader.Epoch(0))
                using (batch)
                    for (int i = 0; i < batch.Labels.shape[0]; i++)
                    {
                        bool red = batch.Images[i, 0].mean([0, 1], type: TorchSharp.torch.float32).item<float>() > 128;
                        Assert.Equal(red ? 1 : 0, batch.Labels[i].item<long>());
                    }
    }

    [Fact]
    public void Both_val_and_test_are_for_validation_and_for_testing()
    {
        WriteTwoClasses();
        Write("test/red/one.png", 40, 40, (_, _) => SKColors.Red);
        using var splits = Datasets.Open(Options);
        Assert.Equal((4, 1), (splits.Validation!.Count, splits.Test.Count));
    }

    [Fact]
    public void Evaluation_sees_the_middle_square_of_seven_eighths_of_the_shorter_side()
    {
        // 64 x 128: 56 x 56 pixels are left, from row 4 and column 36 on; shown at 56 they are those very pixels.
        WriteTwoClasses();
        Write("test/red/ramp.png", height: 64, width: 128, (row, column) => new((byte)(row * 4), (byte)(column * 2), 7));
        using var splits = Datasets.Open(Options with { ImageSize = 56 });
        byte[] image = new byte[56 * 56 * 3];
        splits.Test.Read(0, image);
        for (int row = 0; row < 56; row++)
            for (int column = 0; column < 56; column++)
            {
                byte[] pixel = image[((row * 56 + column) * 3)..((row * 56 + column) * 3 + 3)];
                Assert.Equal([(byte)((row + 4) * 4), (byte)((column + 36) * 2), 7], pixel);
            }
    }

    [Fact]
    public void Training_sees_random_parts_of_8_to_100_percent_from_3_to_4_up_to_4_to_3_and_mirrors_half_of_them()
    {
        // Red tells the row, green the column: the corners of what comes out tell which part it was.
        WriteTwoClasses();
        Write("train/red/ramp.png", height: 100, width: 200, (row, column) => new((byte)(row * 2), (byte)column, 255));
        using var splits = Datasets.Open(Options);
        int ramp = Enumerable.Range(0, splits.Train.Count).First(i => Ramp(i)[2] == 255 && splits.Train.Label(i) == 1);
        double smallest = 1, largest = 0;
        int mirrored = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] image = Ramp(ramp, new RandomStream(i));
            double height = (image[^3] - image[0]) / 2.0 * 32 / 31, width = (image[^2] - image[1]) * 32.0 / 31;
            mirrored += width < 0 ? 1 : 0;
            double area = height * Math.Abs(width) / 20_000, aspect = Math.Abs(width) / height;
            Assert.InRange(area, 0.07, 1.03);
            Assert.InRange(aspect, 0.68, 1.47);
            (smallest, largest) = (Math.Min(smallest, area), Math.Max(largest, area));
        }
        Assert.InRange(smallest, 0.07, 0.1);
        // A part of at most 4:3 covers no more than two thirds of an image of 2:1.
        Assert.InRange(largest, 0.6, 0.7);
        Assert.InRange(mirrored, 190, 310);

        byte[] Ramp(int index, RandomStream? random = null)
        {
            byte[] image = new byte[32 * 32 * 3];
            splits.Train.Read(index, image, random);
            return image;
        }
    }

    [Fact]
    public void Without_augmentation_training_sees_what_evaluation_sees()
    {
        WriteTwoClasses();
        using var splits = Datasets.Open(Options with { Augment = false });
        using var first = splits.TrainingLoader(12, seed: 1).Epoch(0).Single();
        using var second = splits.TrainingLoader(12, seed: 1).Epoch(0).Single();
        Assert.Equal(first.Images.sum().item<long>(), second.Images.sum().item<long>());
        using var still = splits.EvaluationLoader(splits.Train, 12).Epoch(0).Single();
        Assert.Equal(still.Images.sum().item<long>(), first.Images.sum().item<long>());
    }

    [Fact]
    public void Grey_images_are_read_as_one_channel_when_asked_for()
    {
        WriteTwoClasses();
        using var splits = Datasets.Open(Options with { Channels = 1 });
        Assert.Equal(new(1, 32, 32), splits.Info.Shape);
        byte[] image = new byte[32 * 32];
        splits.Test.Read(3, image);
        Assert.All(image, pixel => Assert.InRange(pixel, 74, 80));
    }

    [Theory]
    [InlineData("nothing.png", new byte[0])]
    [InlineData("text.jpg", new byte[] { 72, 101, 108, 108, 111 })]
    [InlineData("header only.png", new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A })]
    public void An_image_that_cannot_be_read_is_refused_by_name(string name, byte[] content)
    {
        WriteTwoClasses();
        string path = root["train", "red", name];
        File.WriteAllBytes(path, content);
        using var splits = Datasets.Open(Options);
        Assert.Contains(path, Assert.Throws<CorruptImageException>(() => Drain(splits.TrainingLoader(4, seed: 1))).Message);
    }

    [Theory]
    [InlineData("train/red/cut.jpg")]
    [InlineData("train/red/cut.png")]
    public void An_image_that_is_cut_short_is_refused_by_name(string name)
    {
        WriteTwoClasses();
        string path = Write(name, 200, 200, (row, column) => new((byte)(row * column), (byte)row, (byte)column));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^400]);
        using var splits = Datasets.Open(Options);
        Assert.Contains(path, Assert.Throws<CorruptImageException>(() => Drain(splits.TrainingLoader(4, seed: 1))).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_image_that_cannot_be_read_is_left_out_named_and_counted_once_where_that_is_asked_for(int workers)
    {
        WriteTwoClasses();
        string[] corrupt = [root["train", "blue", "a.png"], root["train", "red", "z.jpg"]];
        foreach (string path in corrupt) File.WriteAllText(path, "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip, NumWorkers = workers });
        var loader = splits.TrainingLoader(5, seed: 1);
        Assert.Equal(12, Drain(loader));
        Assert.Equal(12, Drain(loader, epoch: 1));
        Assert.Equal(2, loader.Skipped);
        Assert.All(corrupt, path => Assert.Single(loader.SkippedImages, message => message.Contains(path, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_batch_without_any_image_that_can_be_read_is_left_out()
    {
        foreach (string name in new[] { "a.png", "b.png", "c.png" }) Write($"val/red/{name}", 8, 8, (_, _) => SKColors.Red);
        Write("train/red/a.png", 8, 8, (_, _) => SKColors.Red);
        foreach (string name in new[] { "a.png", "b.png" }) File.WriteAllText(root["val", "red", name], "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip });
        using var batch = splits.EvaluationLoader(splits.Test, 2).Epoch(0).Single();
        Assert.Equal(1, batch.Index);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Each_epoch_counts_what_it_skips_itself_and_one_without_any_image_is_an_error(int workers)
    {
        WriteTwoClasses();
        File.WriteAllText(root["train", "red", "z.jpg"], "no image");
        using var splits = Datasets.Open(Options with { Corrupt = CorruptImages.Skip, NumWorkers = workers });
        var loader = splits.EvaluationLoader(splits.Train, 5);   // training leaves out batches of which one image is left
        Assert.Equal(12, Drain(loader));
        Assert.Equal(1, loader.Skipped);

        // Images that vanish between epochs, and then all of them.
        Directory.Delete(root["train", "blue"], recursive: true);
        Assert.Equal(6, Drain(loader, epoch: 1));
        Assert.Equal(7, loader.Skipped);
        Directory.Delete(root["train"], recursive: true);
        string message = Assert.Throws<LowbitException>(() => Drain(loader, epoch: 2)).Message;
        Assert.Contains("None of 13 images can be read", message);
        Assert.Contains(root["train"], message);
    }

    [Fact]
    public void Folders_and_files_whose_names_begin_with_a_dot_are_passed_over()
    {
        WriteTwoClasses();
        foreach (string name in new[] { "train/.ipynb_checkpoints/a.png", "train/red/.ipynb_checkpoints/a.png", "val/.cache/a.png" })
            Write(name, 8, 8, (_, _) => SKColors.Red);
        File.WriteAllText(root["train", "red", "._0.jpg"], "what macOS leaves");
        using var splits = Datasets.Open(Options);
        Assert.Equal(["blue", "red"], splits.Info.Classes);
        Assert.Equal((12, 4), (splits.Train.Count, splits.Test.Count));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void A_class_without_images_is_refused_by_name_with_what_lies_there_instead(string split)
    {
        WriteTwoClasses();
        foreach (string name in new[] { "blue", "green", "red" }) Directory.CreateDirectory(root["train", name]);
        Write("train/green/a.png", 8, 8, (_, _) => SKColors.Green);
        Directory.CreateDirectory(root[split, "green"]);
        File.Delete(root[split, "green", "a.png"]);
        foreach (string name in new[] { "a.tif", "b.TIF", "c.heic", "notes.txt" }) File.WriteAllText(root[split, "green", name], "");
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message;
        Assert.Contains($"{root[split]} has no image", message);
        Assert.Contains("folder green", message);
        Assert.Contains("1 .heic, 2 .tif", message);
        Assert.Contains(".webp", message);
    }

    [Fact]
    public void Images_that_are_not_read_are_told_of()
    {
        WriteTwoClasses();
        File.WriteAllText(root["train", "red", "a.tiff"], "");
        using var splits = Datasets.Open(Options);
        Assert.Contains("1 .tiff", Assert.Single(splits.Notices));
    }

    [Fact]
    public void Every_format_that_can_be_decoded_is_read()
    {
        WriteTwoClasses();
        using var bitmap = ImageBytes.RealImages(1)[0];
        string[] extensions = ["bmp", "gif", "jpg", "png", "webp"];
        foreach (string extension in extensions)
        {
            Directory.CreateDirectory(root["train", extension]);
            File.WriteAllBytes(root["train", extension, $"a.{extension}"], ImageBytes.Encode(bitmap, extension));
        }
        using var splits = Datasets.Open(Options);
        Assert.Equal(["blue", "bmp", "gif", "jpg", "png", "red", "webp"], splits.Info.Classes);
        Assert.Equal(12 + extensions.Length, Drain(splits.TrainingLoader(4, seed: 1)));
    }

    [Fact]
    public void Links_are_followed_and_loops_of_them_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right of their own there");
        WriteTwoClasses();
        Write("elsewhere/deep/a.png", 8, 8, (_, _) => SKColors.Red);
        Directory.CreateSymbolicLink(root["train", "red", "more"], root["elsewhere"]);
        Directory.CreateSymbolicLink(root["train", "red", "again"], "../../elsewhere/deep/..");
        for (int i = 0; i < 5; i++)
        {
            Directory.CreateSymbolicLink(root["train", "red", $"loop{i}"], "..");
            Directory.CreateSymbolicLink(root["elsewhere", "deep", $"loop{i}"], $"../../train/red/loop{i}/red/more");
        }
        Directory.CreateSymbolicLink(root["train", "all"], "../train");
        Directory.CreateSymbolicLink(root["train", "up"], root.Path);
        Directory.CreateSymbolicLink(root["train", "self"], "self");
        using var splits = Datasets.Open(Options);
        Assert.Equal(["blue", "red"], splits.Info.Classes);
        Assert.Equal(6 + 6 + 1, splits.Train.Count);
    }

    [Fact]
    public void The_most_pixels_that_an_image_may_have_follow_from_the_options()
    {
        WriteTwoClasses();
        File.WriteAllBytes(root["train", "red", "large.png"], ImageBytes.Png(1500, 1000, ImageBytes.Deflated(1000 * 4501)));
        using var few = Datasets.Open(Options with { MaxMegapixels = 1 });
        Assert.Contains("1500 x 1000", Assert.Throws<CorruptImageException>(() => Drain(few.TrainingLoader(4, seed: 1))).Message);
        using var more = Datasets.Open(Options with { MaxMegapixels = 2 });
        Assert.Equal(13, Drain(more.TrainingLoader(4, seed: 1)));
    }

    [Fact]
    public void An_absent_folder_is_answered_by_one_sentence_that_names_it()
    {
        Assert.Contains(root["train"], Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
        Assert.Contains("image-net.org", Assert.Throws<LowbitException>(() => Datasets.Open(Options with { Name = "imagenet" })).Message);
    }

    [Fact]
    public void Images_to_test_on_must_be_there()
    {
        Write("train/red/a.png", 8, 8, (_, _) => SKColors.Red);
        Assert.Contains(root["val"], Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
    }

    [Fact]
    public void A_class_to_test_on_that_is_not_trained_is_refused_with_the_one_that_was_meant()
    {
        WriteTwoClasses();
        Write("val/Red_/a.png", 8, 8, (_, _) => SKColors.Red);
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(Options));
        Assert.Contains(root["val", "Red_"], error.Message);
        Assert.Contains("did you mean red?", error.Message);
    }

    [Fact]
    public void Validation_images_can_be_taken_from_those_for_training()
    {
        WriteTwoClasses();
        using var splits = Datasets.Open(Options with { ValSplit = 0.5 });
        Assert.Equal((6, 6, 4), (splits.Train.Count, splits.Validation!.Count, splits.Test.Count));
        Assert.Equal(3, Enumerable.Range(0, 6).Count(i => splits.Validation.Label(i) == 0));
    }

    public void Dispose() => root.Dispose();

    static int Drain(DataLoader loader, int epoch = 0)
    {
        int images = 0;
        foreach (var batch in loader.Epoch(epoch))
            using (batch)
                images += (int)batch.Labels.shape[0];
        return images;
    }

    void WriteTwoClasses()
    {
        for (int i = 0; i < 6; i++)
            foreach (var (name, colour) in new[] { ("blue", SKColors.Blue), ("red", SKColors.Red) })
                Write($"train/{name}/{i}{(i % 2 == 0 ? ".jpg" : ".PNG")}", 30 + i, 50 - i, (_, _) => colour);
        for (int i = 0; i < 2; i++)
            foreach (var (name, colour) in new[] { ("blue", SKColors.Blue), ("red", SKColors.Red) })
                Write($"val/{name}/{i}.png", 40, 40, (_, _) => colour);
    }

    string Write(string name, int height, int width, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height);
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                bitmap.SetPixel(column, row, colour(row, column));
        string path = root[name.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        bool jpeg = name.EndsWith(".jpg", StringComparison.Ordinal);
        using var encoded = bitmap.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 95);
        File.WriteAllBytes(path, encoded.ToArray());
        return path;
    }
}
