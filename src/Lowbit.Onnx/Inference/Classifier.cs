using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Export;
using Lowbit.Graphs;
using Lowbit.Integers;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Inference;

/// <summary>A trained network that tells what image files show: of a run, a checkpoint, an ONNX file (QONNX, QCDQ or float), or an integer network.</summary>
public sealed class Classifier : IDisposable
{
    const string Onnx = ".onnx", Integers = ".json";
    const int LongestSide = 4096;

    readonly IDisposable? owner;
    readonly Func<Tensor, Tensor> outputsOf;
    readonly bool givesProbabilities;
    readonly IReadOnlyList<string> names;

    Classifier(string source, ImagePreparation preparation, string pixels, IReadOnlyList<string> names, Func<Tensor, Tensor> outputsOf, bool givesProbabilities, IDisposable? owner) =>
        (Source, Preparation, Pixels, this.names, this.outputsOf, this.givesProbabilities, this.owner) = (source, preparation, pixels, names, outputsOf, givesProbabilities, owner);

    /// <summary>The network and where it comes from.</summary>
    public string Source { get; }

    /// <summary>What the network is given of the pixels, as a phrase.</summary>
    public string Pixels { get; }

    /// <summary>How image files are cut and resized, as a phrase.</summary>
    public string Resizing => Preparation.ToString();

    /// <summary>What a user should know of the file, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    internal ImagePreparation Preparation { get; }

    /// <summary>Opens a network.</summary>
    /// <param name="path">A run folder (its best checkpoint, else the latest), a checkpoint file, an ONNX file, or an integer network (JSON).</param>
    /// <param name="options">What the file leaves open.</param>
    /// <exception cref="LowbitException">It is not there, damaged, or leaves the shape of its images open.</exception>
    public static Classifier Open(string path, ClassifierOptions options)
    {
        IReadOnlyList<string>? names = options.ClassNames is { } file ? ClassNames.Read(file) : null;
        return path.EndsWith(Onnx, StringComparison.OrdinalIgnoreCase) ? OfOnnx(path, options, names)
            : path.EndsWith(Integers, StringComparison.OrdinalIgnoreCase) ? OfIntegers(path, names)
            : OfRun(path, names);
    }

    /// <summary>What a class is called: its name or, where the network has none, its number from 0.</summary>
    public string NameOf(int label) => label < names.Count ? names[label] : $"class {label}";

    /// <summary>The probabilities of images, float64 [N, classes].</summary>
    /// <param name="images">uint8 [N, C, H, W], pixels of 0 to 255.</param>
    /// <exception cref="LowbitException">The network takes other images, gives no number for each class, or something that is no number.</exception>
    public Tensor Probabilities(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor outputs = outputsOf(images).cpu().to(float64);
        if (outputs.dim() < 2 || outputs.shape[0] != images.shape[0] || outputs.shape[1] != outputs.numel() / images.shape[0])
            throw new LowbitException($"{Source} gives values of shape [{string.Join(", ", outputs.shape)}] for {images.shape[0]} images; one for each image and class is expected");
        outputs = outputs.flatten(1);
        if (!outputs.isfinite().all().item<bool>()) throw new LowbitException($"{Source} gives values that are not numbers for an image");
        return (givesProbabilities ? outputs : outputs.softmax(1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => owner?.Dispose();

    static Classifier OfRun(string path, IReadOnlyList<string>? given)
    {
        using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(path, preferBest: true));
        DatasetInfo data = checkpoint.Dataset;
        int outputs = checkpoint.Graph.ShapeOf(checkpoint.Graph.Output.Name).Channels;
        RequireCount(given, outputs);
        var preparation = new ImagePreparation(data.Shape, data.Name, (checkpoint.Configuration?.Dataset ?? new DatasetOptions()).MaxMegapixels);
        Network network = checkpoint.BuildNetwork();
        network.eval();
        return new($"{checkpoint.ModelName} after epoch {checkpoint.Position.Epoch} ({checkpoint.Path})", preparation,
            "values of 0 to 255, which the network normalizes itself", given ?? data.Classes, network.forward, givesProbabilities: false, network);
    }

    static Classifier OfOnnx(string path, ClassifierOptions options, IReadOnlyList<string>? given)
    {
        OnnxNetwork network = OnnxNetwork.Load(path, options.Onnx);
        try
        {
            Shape image = options.ImageShape ?? network.ImageShape
                ?? throw new ConfigurationException([$"{path} leaves the shape of its images open: give --image-shape, as in 3x224x224"]);
            RequireImage(path, image);
            IReadOnlyList<string> names = given ?? ClassNames.In(network.Metadata);
            var (scale, pixels) = network.ScalingFor(options.Input, image);
            return new(path, new(image, network.Metadata.GetValueOrDefault("dataset"), new DatasetOptions().MaxMegapixels), pixels, names, images =>
            {
                Tensor outputs = network.Run(scale(images), names.Count > 0 ? names.Count : null);
                if (outputs.dim() > 1) RequireCount(given, (int)outputs.shape[1]);
                return outputs;
            }, network.EndsInSoftmax, network)
            { Notices = network.Notices };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    static Classifier OfIntegers(string path, IReadOnlyList<string>? given)
    {
        IntegerNetwork network = IntegerNetworkFile.Read(path);
        RequireCount(given, network.Classes);
        var image = new Shape(network.Image.Shape.Channels, network.Image.Shape.Height, network.Image.Shape.Width);
        RequireImage(path, image);
        var interpreter = new Interpreter(network);
        return new(path, new(image, network.Metadata.GetValueOrDefault("dataset"), new DatasetOptions().MaxMegapixels),
            "values of 0 to 255", given ?? ClassNames.In(network.Metadata),
            images => tensor(interpreter.Run(ExactIntegers.PixelsOf(images)), [images.shape[0], network.Classes]), givesProbabilities: false, owner: null);
    }

    static void RequireImage(string path, Shape image)
    {
        if (image.Channels is not (1 or 3)) throw new LowbitException($"{path} takes images of {image.Channels} channels; image files have 1 (grey) or 3 (colours)");
        if (image.Height is < 1 or > LongestSide || image.Width is < 1 or > LongestSide)
            throw new LowbitException($"{path} takes images of {image.Height} x {image.Width} pixels; image files are resized to 1 to {LongestSide} each way");
    }

    static void RequireCount(IReadOnlyList<string>? given, int outputs)
    {
        if (given is not null && given.Count != outputs) throw new LowbitException($"there are {given.Count} names of classes, and the network tells {outputs} classes apart");
    }
}
