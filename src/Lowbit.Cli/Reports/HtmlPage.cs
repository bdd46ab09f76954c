using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Fluid;
using Fluid.Values;
using Lowbit.Cli.Display;

namespace Lowbit.Cli.Reports;

/// <summary>What a page shows.</summary>
interface IPage
{
    /// <summary>The name of its template.</summary>
    string Template { get; }

    /// <summary>What its charts draw, which is written into the page as JSON.</summary>
    object Data { get; }
}

/// <summary>
/// Writes what a page shows as one HTML file that needs nothing else: styles, scripts, pictures and data are in it. Templates are Liquid; whatever they print is escaped,
/// but for the parts of the page that are Lowbit's own.
/// </summary>
static class HtmlPage
{
    const string Resources = "Lowbit.Cli.Reports.Page.";

    static readonly FluidParser Parser = new();
    static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    static readonly TemplateOptions Options = CreateOptions();

    public static string Of(IPage page)
    {
        var context = new TemplateContext(page, Options, allowModelMembers: true);
        // The encoder of JSON leaves no character by which a script could end.
        context.SetValue("data", Raw(JsonSerializer.Serialize(page.Data, JsonSerializerOptions.Web)));
        foreach (string part in new[] { "style.css", "parts.js", "charts.js", "echarts.js", "echarts-licence.txt" }) context.SetValue(part.Replace('.', '_').Replace('-', '_'), Raw(Read(part)));
        context.SetValue("content", Raw(Parser.Parse(Read($"{page.Template}.liquid")).Render(context, Encoder)));
        return Parser.Parse(Read("page.liquid")).Render(context, Encoder);
    }

    static TemplateOptions CreateOptions()
    {
        var options = new TemplateOptions { MemberAccessStrategy = new UnsafeMemberAccessStrategy { MemberNameStrategy = MemberNameStrategies.CamelCase } };
        Add("percent", Figures.Percent);
        Add("count", value => Figures.Count((long)value));
        Add("four_digits", value => Figures.Number(value, "0.####"));
        Add("significant", value => Figures.Number(value, "G4"));
        return options;

        // What is not there stays empty.
        void Add(string name, Func<double, string> format) => options.Filters.AddFilter(name, (input, _, _) =>
            input.IsNil() ? StringValue.Empty : new StringValue(format((double)input.ToNumberValue())));
    }

    static StringValue Raw(string text) => new(text, encode: false);

    static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resources + name) ?? throw new InvalidOperationException($"{name} is not among the resources");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
