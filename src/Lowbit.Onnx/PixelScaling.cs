using System.Text.Json;
using Lowbit.Data;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>What an ONNX file expects of the pixels that it is given.</summary>
public enum PixelScaling
{
    /// <summary>What the file's metadata says, as Lowbit writes it; raw pixels where it says nothing.</summary>
    Automatic,

    /// <summary>Raw pixels, 0 to 255.</summary>
    Pixels,

    /// <summary>Pixels divided by 255, 0 to 1.</summary>
    Unit,

    /// <summary>Pixels less the mean of their channel, divided by its deviation: those that the file's metadata has, or else those of the dataset.</summary>
    Normalized,
}

/// <summary>Brings pixels into the form that a file expects.</summary>
static class PixelScalings
{
    /// <summary>A scaling that is not automatic.</summary>
    public static PixelScaling Of(PixelScaling asked, OnnxModel file) => asked != PixelScaling.Automatic ? asked
        : file.Metadata.GetValueOrDefault("input") == "normalized" ? PixelScaling.Normalized : PixelScaling.Pixels;

    /// <summary>A function of images [N, C, H, W] with values of 0 to 255.</summary>
    /// <exception cref="LowbitException">The file's metadata cannot be understood.</exception>
    public static Func<Tensor, Tensor> Create(PixelScaling scaling, OnnxModel file, DatasetInfo data)
    {
        scaling = Of(scaling, file);
        if (scaling == PixelScaling.Pixels) return images => images;
        if (scaling == PixelScaling.Unit) return images => images.to(float32) / CachedScalar.Of(255);
        double[] mean = Written("normalization_mean") ?? [.. data.Mean.Select(value => value * 255.0)];
        double[] deviation = Written("normalization_deviation") ?? [.. data.Std.Select(value => value * 255.0)];
        return images => (images.to(float64) - PerChannel(mean)) / PerChannel(deviation);

        double[]? Written(string key)
        {
            if (!file.Metadata.TryGetValue(key, out string? list)) return null;
            try
            {
                if (JsonSerializer.Deserialize<double[]>(list) is { } values && values.Length == data.Channels) return values;
            }
            catch (JsonException)
            {
                // What follows is said of a list that is none, too.
            }
            throw new LowbitException($"{file.Path}: its metadata {key} is {list}; a list of {data.Channels} numbers is expected");
        }
    }

    static Tensor PerChannel(double[] values) => tensor(values).reshape(1, -1, 1, 1);
}
