using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lowbit.Cli.Tests;

/// <summary>Chromium without a window, where it is installed.</summary>
static partial class Browser
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly string? Path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => System.IO.Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Why tests skip.</summary>
    public const string Reason = "Chromium is not installed";

    /// <summary>Whether there is one.</summary>
    public static bool IsHere => Path is not null;

    /// <summary>Opens a page, lets its scripts run, and gives its elements as HTML, and what was written to the console.</summary>
    public static (string Html, string[] Console) Open(string page)
    {
        var (html, errors) = Run(page, "--dump-dom");
        return (html, [.. ConsoleLine().Matches(errors).Select(line => line.Value)]);
    }

    /// <summary>Writes a picture of a page's begin.</summary>
    public static void Picture(string page, string png, int width, int height) => Run(page, $"--screenshot={png}", $"--window-size={width},{height}", "--hide-scrollbars");

    /// <summary>A script that hovers over the first point of each chart of the page that it ends.</summary>
    public const string Hovering = """
        <script>
          setTimeout(() => {
            for (const element of document.querySelectorAll('[data-chart]')) {
              echarts.getInstanceByDom(element).dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: 0 });
              setTimeout(() => { element.dataset.tip = [...element.children].slice(1).map(part => part.textContent).join(''); }, 500);
            }
          }, 1000);
        </script>
        """;

    /// <summary>Each chart of a page that was opened, with how many shapes were drawn in it, and what it says under a mouse that hovers over it.</summary>
    public static (string Chart, int Shapes, string Tip)[] ChartsIn(string html) =>
    [
        .. ChartElement().Matches(html).Select(element => (element.Groups["chart"].Value,
            DrawnAttribute().Match(element.Value) is { Success: true } drawn ? int.Parse(drawn.Groups["shapes"].Value, System.Globalization.CultureInfo.InvariantCulture) : 0,
            TipAttribute().Match(element.Value).Groups["tip"].Value)),
    ];

    static (string Output, string Errors) Run(string page, params string[] arguments)
    {
        string profile = Directory.CreateTempSubdirectory("lowbit-browser-").FullName;
        using var process = new Process
        {
            StartInfo = new(Path!,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=20000", $"--user-data-dir={profile}", .. arguments, new Uri(page).AbsoluteUri,
            ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"Chromium did not end on {page}");
        }
        Task.WaitAll(output, errors);
        Directory.Delete(profile, recursive: true);
        return (output.Result, errors.Result);
    }

    [GeneratedRegex(@"^.*:CONSOLE.*$", RegexOptions.Multiline)]
    private static partial Regex ConsoleLine();

    [GeneratedRegex(@"<div class=""chart"" data-chart=""(?<chart>\w+)""[^>]*>")]
    private static partial Regex ChartElement();

    [GeneratedRegex(@"data-drawn=""(?<shapes>\d+)""")]
    private static partial Regex DrawnAttribute();

    [GeneratedRegex(@"data-tip=""(?<tip>[^""]*)""")]
    private static partial Regex TipAttribute();
}
