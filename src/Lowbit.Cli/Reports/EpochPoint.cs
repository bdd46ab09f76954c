using Lowbit.Training;

namespace Lowbit.Cli.Reports;

/// <summary>An epoch as charts show it: accuracies of 0 to 1; null for what was not measured, or is no number.</summary>
sealed record EpochPoint(
    int Epoch, double? Rate, double? TrainLoss, double? TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy, double? TestLoss, double? TestAccuracy)
{
    /// <summary>The accuracy that decides which epoch is the best.</summary>
    public double? DecidingAccuracy => ValidationAccuracy ?? TestAccuracy;

    /// <summary>The loss of the same images.</summary>
    public double? DecidingLoss => ValidationLoss ?? TestLoss;

    public static EpochPoint Of(EpochResult result) => new(
        result.Epoch, Finite(result.LearningRate), Finite(result.Train.Loss), Finite(result.Train.Top1),
        Finite(result.Validation?.Loss), Finite(result.Validation?.Top1), Finite(result.Test?.Loss), Finite(result.Test?.Top1));

    /// <summary>JSON has no other numbers.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
