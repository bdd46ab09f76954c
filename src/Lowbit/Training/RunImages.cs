using Lowbit.Data;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>The images that a finished run is evaluated on: those of its dataset, or others that are given.</summary>
public static class RunImages
{
    /// <summary>The images of a run: <paramref name="images"/> or, without them, those of the dataset that its configuration names.</summary>
    /// <param name="checkpoint">A checkpoint of the run.</param>
    /// <param name="root">The folder of datasets, where it is another one than in the run.</param>
    /// <param name="images">Images of the run's size and channels, to be evaluated on in the place of its dataset's.</param>
    /// <exception cref="LowbitException">The dataset is not there, has other classes than the network was trained on, or a program gave the run's images and none are given now.</exception>
    public static DatasetSplits Open(Checkpoint checkpoint, string? root = null, IImageSource? images = null)
    {
        if (images is not null) return new(checkpoint.Dataset, images, images);
        if (checkpoint.Configuration is not { } configuration)
            throw new LowbitException($"a program gave the images of {checkpoint.Path}: give some as --images FILE.safetensors, with the tensors x [N, C, H, W] and labels [N]");
        var options = ConfiguredModel.ImagesFor(configuration);
        DatasetSplits data = Datasets.Open(root is null ? options : options with { Root = root });
        try
        {
            ClassLists.RequireSame(checkpoint.Dataset, data.Info, checkpoint.Path);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Reads images from a safetensors file: x [N, C, H, W], pixels of 0 to 255 of any number type, and labels [N].</summary>
    /// <param name="path">The file.</param>
    /// <param name="info">The size, the channels and the classes that they must have.</param>
    /// <exception cref="LowbitException">The file lacks a tensor, or holds images of another shape, pixels that are not whole numbers of 0 to 255, or labels of no class.</exception>
    public static IImageSource Read(string path, DatasetInfo info)
    {
        using var scope = NewDisposeScope();
        using Safetensors file = Safetensors.Read(path);
        Tensor x = Required(file, path, "x"), labels = Required(file, path, "labels");
        if (x.dim() != 4 || !x.shape.Skip(1).SequenceEqual(info.Shape.Dimensions) || x.shape[0] < 1)
            throw new LowbitException($"{path} has x of the shape [{string.Join(", ", x.shape)}]; the network takes [N, {string.Join(", ", info.Shape.Dimensions)}]");
        if (labels.dim() != 1 || labels.shape[0] != x.shape[0])
            throw new LowbitException($"{path} has labels of the shape [{string.Join(", ", labels.shape)}] for {x.shape[0]} images; it must be [{x.shape[0]}]");
        Tensor pixels = x.to(float64), classes = labels.to(float64);
        if (!IsWhole(pixels, 255)) throw new LowbitException($"{path} has values of x that are not whole numbers of 0 to 255: it must hold raw pixels");
        if (!IsWhole(classes, info.Classes.Count - 1)) throw new LowbitException($"{path} has labels that are not whole numbers of 0 to {info.Classes.Count - 1}, one for each class of {info.Name}");
        return new ImagesInMemory(pixels.permute(0, 2, 3, 1).to(uint8).contiguous().data<byte>().ToArray(), classes.to(int32).contiguous().data<int>().ToArray());
    }

    static Tensor Required(Safetensors file, string path, string name) =>
        file.Tensors.GetValueOrDefault(name) ?? throw new LowbitException($"{path} has no tensor {name}; it must hold x [N, C, H, W] and labels [N]");

    static bool IsWhole(Tensor values, int most) =>
        values.isfinite().all().item<bool>() && values.eq(values.round()).all().item<bool>() && values.min().item<double>() >= 0 && values.max().item<double>() <= most;
}
