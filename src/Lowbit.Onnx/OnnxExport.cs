using Google.Protobuf;
using Lowbit.Data;
using Lowbit.Export.Folding;
using Lowbit.Export.Targets;
using Lowbit.Export.Verification;
using Lowbit.Export.Writing;
using Lowbit.Networks;
using Onnx;
using static TorchSharp.torch;

namespace Lowbit.Export;

/// <summary>Writes trained networks to ONNX files: QONNX for hardware compilers, standard ONNX for ONNX Runtime.</summary>
public static class OnnxExport
{
    /// <summary>Writes a network, whole or not at all, without checking what was written.</summary>
    /// <returns>Why batch norms are kept where they were to be folded; null where they are folded, or were to be kept.</returns>
    /// <exception cref="LowbitException">The network has a node or a quantizer that the format has no words for, or that the target refuses.</exception>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static string? Write(Network network, string path, ExportOptions options)
    {
        Check(network, options);
        AtomicFile.Write(path, (Folded(network, options, folded => folded.Model, out string? reason) ?? NetworkWriter.Write(network, options)).WriteTo);
        return reason;
    }

    /// <summary>Writes a network, runs what was written on images, and keeps the file only if it gives the network's logits.</summary>
    /// <param name="network">The network, on the CPU; it is left in evaluation mode.</param>
    /// <param name="path">Where the file is to be.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="images">[N, C, H, W], as the network takes them; 256 or more are worth their time.</param>
    /// <returns>What the images showed.</returns>
    /// <exception cref="LowbitException">The network cannot be written, or the file has other logits; an existing file is unchanged.</exception>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static ExportReport WriteVerified(Network network, string path, ExportOptions options, Tensor images) => WriteVerified(network, path, options, images, []);

    /// <summary>The same; a folded file must in addition have the network's accuracy on labelled images.</summary>
    /// <param name="network">The network.</param>
    /// <param name="path">Where the file is to be.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="images">The images that its integers are compared on.</param>
    /// <param name="test">Batches of labelled images, each disposed when it is done.</param>
    internal static ExportReport WriteVerified(Network network, string path, ExportOptions options, Tensor images, IEnumerable<Batch> test)
    {
        Check(network, options);
        return Folded(network, options, KeepFolded, out string? reason) ?? Keep(NetworkWriter.Write(network, options), network, path, options, images) with { NotFolded = reason };

        ExportReport KeepFolded(FoldedNetwork folded) =>
            Keep(folded.Model, path, aside => FoldedVerification.Run(folded, network, aside, options, images) with { Accuracy = FileAccuracy.Compare(network, aside, options, test) });
    }

    static void Check(Network network, ExportOptions options)
    {
        if (options.Batch is < 1) throw new LowbitException($"A file cannot take {options.Batch} images at a time; it takes 1 or more, or any number");
        TargetRules.Check(network, options);
    }

    /// <summary>What is made of the network with its batch norms folded; null where that is not wanted, where it has parts that are not integers, or where what is made is not kept.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="make">Makes it of the folded network.</param>
    /// <param name="reason">Why there is none; null where there is one, or none is wanted.</param>
    static T? Folded<T>(Network network, ExportOptions options, Func<FoldedNetwork, T> make, out string? reason)
        where T : class
    {
        reason = null;
        if (options.Format != ExportFormat.Qcdq || options.BatchNorm != BatchNormForm.Fold || options.Opset is not null || !network.Graph.IsQuantized) return null;
        network.eval();
        try
        {
            return make(FoldedNetwork.Of(network, options));
        }
        catch (LowbitException problem) when (problem.InnerException is null or FileDiffersException)   // not where an image could not be read, for instance
        {
            if (options.Weights is not null) throw new LowbitException($"{problem.Message}; export with --batch-norm keep", problem);
            reason = (problem.InnerException ?? problem).Message;
            return null;
        }
    }

    internal static ExportReport Keep(ModelProto model, Network network, string path, ExportOptions options, Tensor images)
    {
        network.eval();
        return Keep(model, path, aside => ExportVerification.Run(network, aside, options, images));
    }

    static ExportReport Keep(ModelProto model, string path, Func<string, ExportReport> verify)
    {
        ExportReport? report = null;
        AtomicFile.Write(path, model.WriteTo, aside =>
        {
            try
            {
                report = verify(aside);
            }
            catch (LowbitException problem)
            {
                throw new LowbitException($"{path} is not kept: {problem.Message.Replace(aside, "it", StringComparison.Ordinal)}", problem);
            }
        });
        return report!;
    }
}
