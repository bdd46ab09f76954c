using System.Globalization;
using System.Runtime.InteropServices;
using Lowbit.Cli.Display;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;
using TorchSharp;

namespace Lowbit.Cli.Doctor;

/// <summary>The libraries that Lowbit needs, each made to do something.</summary>
static class Libraries
{
    public static IEnumerable<Finding> Look()
    {
        yield return new("lowbit", LowbitVersion.Text, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})");
        yield return Try("libtorch", "training, eval, export and predict of runs do not work", () =>
        {
            using torch.Tensor one = torch.ones(1);
            string threads = torch.get_num_threads().ToString(CultureInfo.InvariantCulture);
            return new("libtorch", $"{torch.__version__}, {threads} threads", $"networks train with {threads} threads; OMP_NUM_THREADS sets another number, {Libtorch.Variable} another libtorch");
        });
        yield return Try("GPU", "", () => torch.cuda.is_available()
            ? new("GPU", $"CUDA, {torch.cuda.device_count()} devices", "training takes the first one, unless seed.deterministic is set")
            : new("GPU", "none that libtorch can use", "training runs on the processor"));
        yield return Try("ONNX Runtime", "QCDQ and float files do not run, and exports of them cannot be verified", () =>
            new("ONNX Runtime", OrtEnv.Instance().GetVersionString(), "runs QCDQ and float files; QONNX runs by Lowbit's interpreter"));
        yield return Try("image decoder", "folders of images and predict do not work", () =>
        {
            using var bitmap = new SKBitmap(1, 1);
            using SKData encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            return new("image decoder", "SkiaSharp", "reads JPEG, PNG, BMP, GIF and WebP");
        });
    }

    /// <summary>What keeps a native library from being loaded comes as any exception.</summary>
    static Finding Try(string name, string without, Func<Finding> look)
    {
#pragma warning disable CA1031
        try
        {
            return look();
        }
        catch (Exception problem)
        {
            return new(name, $"cannot be loaded: {Printable.Short((problem.InnerException ?? problem).Message, longest: 200)}", without, Severity.Problem);
        }
#pragma warning restore CA1031
    }
}
