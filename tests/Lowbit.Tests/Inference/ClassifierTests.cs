using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Inference;
using Lowbit.Networks;
using Lowbit.Tests.Data;
using Lowbit.Tests.Export;
using Lowbit.Tests.Training;
using Lowbit.Training;
using SkiaSharp;
using Xunit;
using static TorchSharp.torch;

namespace Lowbit.Tests.Inference;

[Collection(nameof(AloneCollection))]   // the weights of a network follow from torch's random numbers, which are the process's
public sealed class ClassifierTests(ClassifierTests.TrainedRun trained) : IClassFixture<ClassifierTests.TrainedRun>
{
    /// <summary>A run on digits with all its exports, and the first test images as files.</summary>
    public sealed class TrainedRun : IDisposable
    {
        const int Images = 6;

        readonly TemporaryFolder folder = new();

        public TrainedRun()
        {
            var dataset = new DatasetOptions { Name = "digits", Limit = 64, ImageSize = 16 };
            Run = TrainingRun.Run(new()
            {
                Dataset = dataset,
                Model = new() { Name = "quant_resnet20" },
                Quantization = new() { WeightBitWidth = 4, ActBitWidth = 4, CollectStatsSteps = 1 },
                Training = new() { BatchSize = 32, Epochs = 1 },
                Checkpoint = new() { Dir = folder.Path },
            }, new SilentObserver(), CancellationToken.None).Folder!.Path;
            RunExport.Write(Run, this["qonnx.onnx"], new(), new() { Verify = false });
            RunExport.Write(Run, this["qcdq.onnx"], new() { Format = ExportFormat.Qcdq, BatchNorm = BatchNormForm.Keep }, new() { Verify = false });
            RunExport.Write(Run, this["normalized.onnx"], new() { Input = ExportInput.Normalized }, new() { Verify = false });
            IntegerExport.Write(Run, this["integers.json"], new() { Verify = false });

            using DatasetSplits pictures = Datasets.Open(new() { Name = "digits" });
            byte[] pixels = new byte[pictures.Info.Shape.Elements];
            for (int i = 0; i < Images; i++)
            {
                pictures.Test.Read(i, pixels);
                using SKBitmap bitmap = ImageBytes.Bitmap(pictures.Info.Height, pictures.Info.Width, (row, column) => Grey(pixels[row * pictures.Info.Width + column]));
                File.WriteAllBytes(this[$"{i}.png"], ImageBytes.Encode(bitmap, "png"));
            }
            using DatasetSplits data = Datasets.Open(dataset);
            using Batch batch = data.EvaluationLoader(data.Test, Images).Epoch(0).First();
            using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(Run, preferBest: true));
            using Network network = checkpoint.BuildNetwork();
            network.eval();
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            Expected = [.. network.forward(batch.Images).to(float64).softmax(1).data<double>().ToArray().Chunk(10)];
        }

        public string Run { get; }

        /// <summary>The probabilities that evaluation gives for the files 0.png, 1.png, ...</summary>
        public double[][] Expected { get; }

        public string this[string name] => folder[name];

        public void Dispose() => folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("qonnx.onnx")]
    [InlineData("qcdq.onnx")]
    [InlineData("normalized.onnx")]
    [InlineData("integers.json")]
    public void Test_images_as_files_have_the_probabilities_of_evaluation_and_the_names_of_their_classes(string? file)
    {
        using Classifier classifier = Classifier.Open(file is null ? trained.Run : trained[file], new());

        Prediction[] predictions = [.. Predictions.Of(classifier, [.. Enumerable.Range(0, trained.Expected.Length).Select(i => trained[$"{i}.png"])])];

        Assert.Equal("7", classifier.NameOf(7));
        foreach (var (prediction, expected) in predictions.Zip(trained.Expected))
        {
            Assert.Null(prediction.Problem);
            Assert.All(prediction.Probabilities.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
            Assert.Equal(prediction.Probabilities.Max(), prediction.Probabilities[prediction.Top(3)[0]]);
        }
    }

    [Theory]
    [InlineData(96, 32)]
    [InlineData(32, 78)]
    public void Of_a_picture_of_another_shape_the_middle_is_taken(int width, int height)
    {
        using SKBitmap square = SKBitmap.Decode(trained["0.png"]);
        int left = (width - square.Width) / 2, top = (height - square.Height) / 2;
        using SKBitmap picture = ImageBytes.Bitmap(height, width, (row, column) =>
            row >= top && row < top + square.Height && column >= left && column < left + square.Width ? square.GetPixel(column - left, row - top) : SKColors.White);
        File.WriteAllBytes(trained["other.png"], ImageBytes.Encode(picture, "png"));

        Assert.Equal(Prepared("0.png"), Prepared("other.png"));
    }

    [Fact]
    public void Pictures_are_turned_as_their_orientation_says()
    {
        using SKBitmap standing = ImageBytes.Bitmap(32, 32, (row, column) => Grey((byte)(6 * row + column)));
        using SKBitmap lying = ImageBytes.Bitmap(32, 32, (row, column) => standing.GetPixel(31 - row, column));
        File.WriteAllBytes(trained["standing.png"], ImageBytes.Encode(standing, "png"));
        File.WriteAllBytes(trained["lying.jpg"], ImageBytes.Turned(ImageBytes.Encode(lying, "jpg"), 6));

        Assert.InRange(Prepared("standing.png").Zip(Prepared("lying.jpg")).Average(pair => Math.Abs(pair.First - pair.Second)), 0.0, 4.0);
    }

    [Fact]
    public void A_file_that_cannot_be_read_has_a_problem_in_its_place_among_the_others()
    {
        File.WriteAllText(trained["text.png"], "no image");
        using Classifier classifier = Classifier.Open(trained.Run, new());
        string[] files = [trained["0.png"], trained["text.png"], .. Enumerable.Repeat(trained["1.png"], 40), trained["absent.jpg"]];

        Prediction[] predictions = [.. Predictions.Of(classifier, files)];

        Assert.Equal(files, predictions.Select(prediction => prediction.File));
        Assert.Equal([1, 42], Enumerable.Range(0, files.Length).Where(i => predictions[i].Problem is not null));
        Assert.Contains("text.png cannot be read as an image: it does not begin as a PNG file does", predictions[1].Problem);
        Assert.Contains("absent.jpg cannot be read as an image: it is not there", predictions[42].Problem);
        Assert.Equal(predictions[2].Probabilities, predictions[41].Probabilities);
        Assert.All(predictions[2].Probabilities.Zip(trained.Expected[1]), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    [Fact]
    public void Photographs_are_cut_as_those_of_image_folders_are_in_evaluation()
    {
        using var folder = new TemporaryFolder();
        foreach (string split in new[] { "train", "val" }) Directory.CreateDirectory(folder[$"{split}/a"]);
        using SKBitmap photograph = ImageBytes.Bitmap(90, 70, (row, column) => new((byte)(row * 2), (byte)(column * 3), (byte)(row * column)));
        foreach (string split in new[] { "train", "val" }) File.WriteAllBytes(folder[$"{split}/a/photograph.png"], ImageBytes.Encode(photograph, "png"));
        using DatasetSplits data = Datasets.Open(new() { Name = "imagefolder", Root = folder.Path, ImageSize = 32 });
        byte[] expected = new byte[3 * 32 * 32], actual = new byte[expected.Length];
        data.Test.Read(0, expected);

        var preparation = new ImagePreparation(data.Info.Shape, data.Info.Name, MaxMegapixels: 1);
        preparation.Read(folder["val/a/photograph.png"], actual);

        Assert.Equal(expected, actual);
        Assert.Contains("7/8 of the shorter side", preparation.ToString());
    }

    [Fact]
    public void Folders_are_gone_through_and_those_without_images_are_named()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "photos/below", "empty" }) Directory.CreateDirectory(folder[name]);
        foreach (string name in new[] { "photos/b.JPG", "photos/below/a.png", "photos/notes.txt", "empty/notes.txt" }) File.WriteAllText(folder[name], "");

        ImagePaths paths = ImagePaths.Of([folder["photos"], folder["empty"], "given.txt"]);

        Assert.Equal([folder["photos/b.JPG"], folder["photos/below/a.png"], "given.txt"], paths.Files);
        Assert.Contains($"{folder["empty"]} has no image in it", Assert.Single(paths.Problems));
    }

    [Fact]
    public void A_file_that_gives_probabilities_keeps_them_and_names_come_from_a_list()
    {
        using var model = new OnnxFile([1, 3, 2, 2]);
        model.Node("GlobalAveragePool", "x", "p").Node("Flatten", "p", "f").Node("Softmax", "f", "y").Save();
        using SKBitmap red = ImageBytes.Bitmap(5, 4, (_, _) => SKColors.Red);
        File.WriteAllBytes(trained["red.png"], ImageBytes.Encode(red, "png"));
        File.WriteAllText(trained["names.txt"], "red\r\ngreen\nblue\n");
        using Classifier classifier = Classifier.Open(model.Path, new() { ClassNames = trained["names.txt"], Input = PixelScaling.Unit });

        Prediction prediction = Assert.Single(Predictions.Of(classifier, [trained["red.png"]]));

        Assert.Equal(["red", "green", "blue"], Enumerable.Range(0, 3).Select(classifier.NameOf));
        Assert.Equal(Math.E / (Math.E + 2), prediction.Probabilities[0], 1e-5);
    }

    [Theory]
    [InlineData("a\n", "there are 1 names of classes, and the network tells 10 classes apart")]
    [InlineData("a\n\nb\n", "names.txt(2): the line is empty")]
    [InlineData(null, "is not there, or not a file")]
    public void Names_that_do_not_fit_are_refused(string? text, string sentence)
    {
        File.Delete(trained["names.txt"]);
        if (text is not null) File.WriteAllText(trained["names.txt"], text);

        Assert.Contains(sentence, Assert.Throws<LowbitException>(() => Classifier.Open(trained.Run, new() { ClassNames = trained["names.txt"] })).Message);
    }

    [Fact]
    public void A_file_that_leaves_its_images_open_needs_their_shape()
    {
        using var model = new OnnxFile([1, 3, 0, 0]);
        model.Node("GlobalAveragePool", "x", "p").Node("Flatten", "p", "y").Save();

        Assert.Contains("leaves the shape of its images open: give --image-shape", Assert.Throws<ConfigurationException>(() => Classifier.Open(model.Path, new())).Message);
        using Classifier classifier = Classifier.Open(model.Path, new() { ImageShape = new(3, 4, 4) });
        Assert.Equal("class 2", classifier.NameOf(Assert.Single(Predictions.Of(classifier, [trained["0.png"]])).Probabilities.Count - 1));
    }

    [Fact]
    public void It_ends_when_it_is_cancelled()
    {
        using Classifier classifier = Classifier.Open(trained.Run, new());
        using var cancel = new CancellationTokenSource();
        using var predictions = Predictions.Of(classifier, [.. Enumerable.Repeat(trained["0.png"], 100)], cancel.Token).GetEnumerator();
        Assert.True(predictions.MoveNext());
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (predictions.MoveNext()) { }
        });
    }

    /// <summary>A file as a network of grey images of 32 x 32 pixels takes it.</summary>
    byte[] Prepared(string file)
    {
        byte[] pixels = new byte[32 * 32];
        var preparation = new ImagePreparation(new(1, 32, 32), "digits", MaxMegapixels: 1);
        preparation.Read(trained[file], pixels);
        Assert.Equal("the middle square resized to 32 x 32 grey pixels", preparation.ToString());
        return pixels;
    }

    static SKColor Grey(byte value) => new(value, value, value);
}
