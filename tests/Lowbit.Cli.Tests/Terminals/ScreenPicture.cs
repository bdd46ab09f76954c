using System.Globalization;
using System.Xml.Linq;

namespace Lowbit.Cli.Tests.Terminals;

/// <summary>A screen as an SVG picture, for the documentation.</summary>
static class ScreenPicture
{
    const double CellWidth = 7.8, LineHeight = 17, Margin = 14;

    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>The picture of the lines of a screen.</summary>
    public static string Of(Screen screen, int columns)
    {
        var lines = screen.Cells.Reverse().SkipWhile(line => line.All(cell => cell.Character == ' ')).Reverse().ToArray();
        double width = columns * CellWidth + 2 * Margin, height = lines.Length * LineHeight + 2 * Margin;
        var picture = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"), new XAttribute("width", Number(width)), new XAttribute("height", Number(height)),
            new XElement(Svg + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("rx", 6), new XAttribute("fill", "#1e2228")),
            new XElement(Svg + "g", new XAttribute("font-family", "DejaVu Sans Mono, Menlo, Consolas, monospace"), new XAttribute("font-size", 13), new XAttribute("fill", "#d6dae0"),
                lines.SelectMany((line, row) => Texts(line, Margin + (row + 0.75) * LineHeight))));
        return picture + "\n";
    }

    static IEnumerable<XElement> Texts(IReadOnlyList<(char Character, string Style)> line, double y)
    {
        for (int from = 0, to; from < line.Count; from = to)
        {
            to = from + 1;
            while (to < line.Count && line[to].Style == line[from].Style) to++;
            string text = string.Concat(line.Skip(from).Take(to - from).Select(cell => cell.Character)), shown = text.Trim();
            if (shown.Length == 0) continue;
            int begin = from + text.IndexOf(shown, StringComparison.Ordinal);
            var element = new XElement(Svg + "text",
                new XAttribute("x", Number(Margin + begin * CellWidth)), new XAttribute("y", Number(y)), new XAttribute("textLength", Number(shown.Length * CellWidth)),
                new XAttribute(XNamespace.Xml + "space", "preserve"), shown);
            if (line[from].Style == "1") element.Add(new XAttribute("font-weight", "bold"));
            if (line[from].Style == "2") element.Add(new XAttribute("fill", "#8a929e"));
            if (line[from].Style == "32") element.Add(new XAttribute("fill", "#4cc38a"));
            yield return element;
        }
    }

    /// <summary>The text of a picture, a line each, without the blanks between its parts.</summary>
    public static string[] LinesOf(string svg) => [.. XElement.Parse(svg).Descendants(Svg + "text")
        .GroupBy(text => (string)text.Attribute("y")!).Select(line => string.Join(' ', line.Select(text => text.Value)))];

    static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
