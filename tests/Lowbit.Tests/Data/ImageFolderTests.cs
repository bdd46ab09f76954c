using Lowbit.Data;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Data;

public sealed class ImageFolderTests : InImageFolder
{
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

    [Fact]
    public void Folders_and_files_whose_names_begin_with_a_dot_are_passed_over()
    {
        WriteTwoClasses();
        foreach (string name in new[] { "train/.ipynb_checkpoints/a.png", "train/red/.ipynb_checkpoints/a.png", "val/.cache/a.png" })
            Write(name, 8, 8, (_, _) => SKColors.Red);
        File.WriteAllText(Root["train", "red", "._0.jpg"], "what macOS leaves");
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
        foreach (string name in new[] { "blue", "green", "red" }) Directory.CreateDirectory(Root["train", name]);
        Write("train/green/a.png", 8, 8, (_, _) => SKColors.Green);
        Directory.CreateDirectory(Root[split, "green"]);
        File.Delete(Root[split, "green", "a.png"]);
        foreach (string name in new[] { "a.tif", "b.TIF", "c.heic", "notes.txt" }) File.WriteAllText(Root[split, "green", name], "");
        string message = Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message;
        Assert.Contains($"{Root[split]} has no image", message);
        Assert.Contains("folder green", message);
        Assert.Contains("1 .heic, 2 .tif", message);
        Assert.Contains(".webp", message);
    }

    [Fact]
    public void Images_that_are_not_read_are_told_of()
    {
        WriteTwoClasses();
        File.WriteAllText(Root["train", "red", "a.tiff"], "");
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
            Directory.CreateDirectory(Root["train", extension]);
            File.WriteAllBytes(Root["train", extension, $"a.{extension}"], ImageBytes.Encode(bitmap, extension));
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
        Directory.CreateSymbolicLink(Root["train", "red", "more"], Root["elsewhere"]);
        Directory.CreateSymbolicLink(Root["train", "red", "again"], "../../elsewhere/deep/..");
        for (int i = 0; i < 5; i++)
        {
            Directory.CreateSymbolicLink(Root["train", "red", $"loop{i}"], "..");
            Directory.CreateSymbolicLink(Root["elsewhere", "deep", $"loop{i}"], $"../../train/red/loop{i}/red/more");
        }
        Directory.CreateSymbolicLink(Root["train", "all"], "../train");
        Directory.CreateSymbolicLink(Root["train", "up"], Root.Path);
        Directory.CreateSymbolicLink(Root["train", "self"], "self");
        using var splits = Datasets.Open(Options);
        Assert.Equal(["blue", "red"], splits.Info.Classes);
        Assert.Equal(6 + 6 + 1, splits.Train.Count);
    }

    [Fact]
    public void The_most_pixels_that_an_image_may_have_follow_from_the_options()
    {
        WriteTwoClasses();
        File.WriteAllBytes(Root["train", "red", "large.png"], ImageBytes.Png(1500, 1000, ImageBytes.Deflated(1000 * 4501)));
        using var few = Datasets.Open(Options with { MaxMegapixels = 1 });
        Assert.Contains("1500 x 1000", Assert.Throws<CorruptImageException>(() => Drain(few.TrainingLoader(4, seed: 1))).Message);
        using var more = Datasets.Open(Options with { MaxMegapixels = 2 });
        Assert.Equal(13, Drain(more.TrainingLoader(4, seed: 1)));
    }

    [Fact]
    public void An_absent_folder_is_answered_by_one_sentence_that_names_it()
    {
        Assert.Contains(Root["train"], Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
        Assert.Contains("image-net.org", Assert.Throws<LowbitException>(() => Datasets.Open(Options with { Name = "imagenet" })).Message);
    }

    [Fact]
    public void Images_to_test_on_must_be_there()
    {
        Write("train/red/a.png", 8, 8, (_, _) => SKColors.Red);
        Assert.Contains(Root["val"], Assert.Throws<LowbitException>(() => Datasets.Open(Options)).Message);
    }

    [Fact]
    public void A_class_to_test_on_that_is_not_trained_is_refused_with_the_one_that_was_meant()
    {
        WriteTwoClasses();
        Write("val/Red_/a.png", 8, 8, (_, _) => SKColors.Red);
        var error = Assert.Throws<LowbitException>(() => Datasets.Open(Options));
        Assert.Contains(Root["val", "Red_"], error.Message);
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
}
