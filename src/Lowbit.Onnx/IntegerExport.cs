using Lowbit.Data;
using Lowbit.Integers;
using Lowbit.Networks;
using Lowbit.Runtime;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>The result of an export in integers.</summary>
/// <param name="Checkpoint">The checkpoint that was exported.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Network">What was written.</param>
/// <param name="Images">Test images on which every integer was found to be the network's in double precision; 0 where none were looked at.</param>
public sealed record IntegerExportResult(string Checkpoint, string Model, IntegerNetwork Network, int Images);

/// <summary>Writes what a training run left behind as an integer network.</summary>
public static class IntegerExport
{
    /// <summary>Images at a time.</summary>
    const int BatchSize = 32;

    /// <summary>Exports the best checkpoint of a run as JSON, whole or not at all.</summary>
    /// <param name="run">A run folder (its best checkpoint, else the latest), or a checkpoint file.</param>
    /// <param name="path">Where the file is to be.</param>
    /// <param name="extras">Whether it is verified, and where the dataset is; an integer network has no test vectors.</param>
    /// <exception cref="LowbitException">There is no such run, its network has no integer form, its dataset is not there to verify on, or an integer is not the network's.</exception>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static IntegerExportResult Write(string run, string path, RunExportOptions? extras = null)
    {
        extras ??= new();
        string source = RunFolder.FindCheckpoint(run, preferBest: true);
        OutputFile.Require(path, "the network", (source, "the checkpoint that is exported"));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using Checkpoint checkpoint = Checkpoint.Read(source);
        using Network network = checkpoint.BuildNetwork();
        network.eval();
        using Network exact = DoublePrecision.Of(network);
        var (integers, form) = IntegerForm.Of(network, exact, pixels => pixels.to(float64), RunExport.MetadataOf(checkpoint));
        int images = 0;
        if (extras.Verify)
        {
            using Batch batch = RunExport.TestImages(checkpoint, RunExportOptions.FewestImages, extras);
            var check = new ExactIntegers(exact, form);
            foreach (Tensor pixels in batch.Images.split(BatchSize)) check.Check(integers, pixels, pixels.to(float64));
            images = (int)batch.Images.shape[0];
        }
        AtomicFile.Write(path, stream => IntegerNetworkFile.Write(integers, stream));
        return new(checkpoint.Path, checkpoint.ModelName, integers, images);
    }
}
