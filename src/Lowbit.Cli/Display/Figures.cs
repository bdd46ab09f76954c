using System.Globalization;
using Lowbit.Training;

namespace Lowbit.Cli.Display;

/// <summary>Figures as the command shows them.</summary>
static class Figures
{
    public static string Percent(double fraction) => (fraction * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    /// <summary>A whole number with commas between thousands.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Time(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    public static string Of(Score score) =>
        $"loss {Number(score.Loss, "0.0000")}, top-1 {Percent(score.Top1)}" + (score.Top5 is { } top5 ? $", top-5 {Percent(top5)}" : "");
}
