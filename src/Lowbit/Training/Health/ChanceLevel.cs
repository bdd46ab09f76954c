using Lowbit.Data;
using Lowbit.Networks;

namespace Lowbit.Training.Health;

/// <summary>Notices that a network does no better than chance after an epoch, and says why where that can be found.</summary>
/// <param name="network">The network.</param>
/// <param name="data">The images of the run.</param>
/// <param name="images">A few of them, to look at the network with.</param>
/// <param name="advice">The settings and the keys of the run.</param>
sealed class ChanceLevel(Network network, DatasetSplits data, ProbeImages images, Advice advice)
{
    const int FewestBatches = 4, Deviations = 3;

    readonly Lazy<(int Label, double Share)> inTraining = new(() => LargestClass(data.Train)), inDeciding = new(() => LargestClass(data.Validation ?? data.Test));
    string? said;

    /// <summary>A warning about images of one class, of which any network classifies all correctly; null where there are several.</summary>
    public static string? WarningOf(IImageSource training) => training.Count > 0 && LargestClass(training).Share == 1
        ? "warning: all training images are of one class, so that an accuracy of 100 % says nothing: look into dataset.root and dataset.limit"
        : null;

    /// <summary>A few sentences about the epoch; null where the network does better than chance, or all was said after an epoch before.</summary>
    /// <param name="result">The epoch's.</param>
    /// <param name="batches">Its training batches.</param>
    public string? Notice(EpochResult result, int batches)
    {
        var (label, share) = inTraining.Value;
        if (batches < FewestBatches || share == 1 || !IsChance(result.Train, share, data.Train.Count)) return said = null;
        if (result.Deciding is { } decides && !IsChance(decides, inDeciding.Value.Share, (data.Validation ?? data.Test).Count)) return said = null;
        bool areEqual = AreEqual(data.Train, data.Info);
        NodeFinding? finding = areEqual ? null : DeadNode.Find(network, observe => images.RunIn(network, observe));
        string reason = areEqual ? "equal images" : $"{finding?.Fault} {finding?.Node.Name}";
        if (said == reason) return null;
        said = reason;
        string why = areEqual
            ? "The training images that were looked at are all equal. Look into their files and dataset.root."
            : $"{Found(finding)} {advice.Settings(finding?.Node, result.LearningRate)} {advice.ToChange(finding, result.LearningRate)}";
        return FormattableString.Invariant(
            $"epoch {result.Epoch} is at chance level: training top-1 is {result.Train.Top1:p2}, and {share:p2} of the training images are of the class {Printable.Short(data.Info.Classes[label])}. {why}");
    }

    static string Found(NodeFinding? finding) => finding is null
        ? "Every layer tells images apart."
        : $"{char.ToUpperInvariant(finding.Text[0])}{finding.Text[1..]}.";

    /// <summary>Whether an accuracy is no better than naming the largest class each time, but for the noise of so many images.</summary>
    static bool IsChance(Score score, double share, int images) => score.Top1 <= share + Deviations * Math.Sqrt(share * (1 - share) / images);

    static (int Label, double Share) LargestClass(IImageSource split)
    {
        var (label, images) = Enumerable.Range(0, split.Count).CountBy(split.Label).MaxBy(entry => entry.Value);
        return (label, (double)images / split.Count);
    }

    /// <summary>Whether some images from all over a split are equal, as far as they can be read.</summary>
    static bool AreEqual(IImageSource split, DatasetInfo info)
    {
        const int Looked = 64;
        byte[] first = new byte[info.Shape.Elements], other = new byte[info.Shape.Elements];
        try
        {
            split.Read(0, first);
            for (int i = 1; i < Looked; i++)
            {
                split.Read((int)((long)i * (split.Count - 1) / (Looked - 1)), other);
                if (!first.AsSpan().SequenceEqual(other)) return false;
            }
            return true;
        }
        catch (CorruptImageException)
        {
            return false;
        }
    }
}
