using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Tests.Data;
using Lowbit.Training;
using SkiaSharp;
using Xunit;

namespace Lowbit.Tests.Training;

/// <summary>A folder of images that gained or lost a class since a network was trained on it would shift the labels of all later classes.</summary>
public sealed class OtherClassesTests : IDisposable
{
    static readonly string[] Classes = ["bird", "cat", "dog"];

    readonly TemporaryFolder folder = new();

    public OtherClassesTests()
    {
        foreach (string name in Classes) Write(name);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Resume_start_and_export_refuse_a_class_more_and_name_it()
    {
        string run = TrainingRun.Run(Configuration, new SilentObserver(), CancellationToken.None).Folder!.Path;
        Write("ant");

        RefusesBecause("new: ant", () => Run(Configuration with { Checkpoint = Configuration.Checkpoint with { Resume = run } }));
        RefusesBecause("new: ant", () => Run(Configuration with { Model = Configuration.Model with { Pretrained = run } }));
        RefusesBecause("new: ant", () => RunExport.Write(run, folder["model.onnx"], new()));
    }

    [Theory]
    [InlineData("bird,cat", "other classes (missing: dog)")]
    [InlineData("bird,cow,dog", "other classes (new: cow; missing: cat)")]
    [InlineData("bird,dog,cat", "its classes in another order")]
    [InlineData("a,b,bird,c,cat,d,dog,e", "other classes (new: a, b, c and 2 more)")]
    public void The_difference_is_named(string now, string difference) =>
        RefusesBecause(difference, () => ClassLists.RequireSame(Data(Classes), Data(now.Split(',')), "net.safetensors"));

    [Theory]
    [InlineData("imagefolder", "[\"bird\", \"dog\"]", false)]
    [InlineData("imagefolder", "[\"bird\", \"cat\", \"dog\"]", true)]
    [InlineData("elsewhere", "[\"bird\", \"dog\"]", true)]
    [InlineData("imagefolder", "bird, dog", true)]
    public void The_metadata_of_an_ONNX_file_counts_where_it_names_the_dataset(string dataset, string classes, bool isTaken)
    {
        void Check() => ClassLists.RequireSame(new Dictionary<string, string> { ["dataset"] = dataset, ["classes"] = classes }, Data(Classes), "net.onnx");

        if (isTaken) Check();
        else RefusesBecause("new: cat", Check);
    }

    [Fact]
    public void Weights_from_wholly_other_classes_are_a_start()
    {
        string run = TrainingRun.Run(Configuration, new SilentObserver(), CancellationToken.None).Folder!.Path;
        foreach (string name in Classes) foreach (string split in new[] { "train", "val" }) Directory.Move(folder["images", split, name], folder["images", split, $"other {name}"]);

        Assert.Single(Run(Configuration with { Model = Configuration.Model with { Pretrained = run } }).Epochs);
    }

    RunConfiguration Configuration => new()
    {
        Dataset = new() { Name = "imagefolder", Root = folder["images"], ImageSize = 16 },
        Model = new() { Name = "resnet20", NumClasses = 8 },
        Training = new() { BatchSize = 6, Epochs = 1 },
        Checkpoint = new() { Dir = folder["runs"] },
    };

    static RunResult Run(RunConfiguration configuration) => TrainingRun.Run(configuration, new SilentObserver(), CancellationToken.None);

    static DatasetInfo Data(IReadOnlyList<string> classes) => new("imagefolder", 3, 16, 16, classes, [0, 0, 0], [1, 1, 1]);

    static void RefusesBecause(string difference, Action act)
    {
        string message = Assert.Throws<LowbitException>(act).Message;
        Assert.Contains(difference, message);
        Assert.StartsWith("imagefolder has ", message);
        Assert.DoesNotContain('\n', message);
    }

    void Write(string name)
    {
        foreach (string split in new[] { "train", "val" })
            for (int i = 0; i < 4; i++)
            {
                using var image = new SKBitmap(16, 16);
                image.Erase(new SKColor((byte)(name[0] * 7), (byte)(i * 40), (byte)(name[^1] * 5)));
                Directory.CreateDirectory(folder["images", split, name]);
                using var file = File.Create(folder["images", split, name, $"{i}.png"]);
                image.Encode(file, SKEncodedImageFormat.Png, 100);
            }
    }
}
