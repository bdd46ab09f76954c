using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lowbit.Configuration;

/// <summary>What sections, keys and choices mean: the XML documentation of their records.</summary>
static partial class OptionDescriptions
{
    static readonly Lazy<Dictionary<string, XElement>> Members = new(Read);

    /// <summary>What a section is.</summary>
    public static string Of(Type section) => Text($"T:{section.FullName}");

    /// <summary>What a key means.</summary>
    public static string Of(PropertyInfo key) => Text($"P:{key.DeclaringType!.FullName}.{key.Name}");

    /// <summary>What a choice means.</summary>
    public static string Of(Type enumeration, object choice) => Text($"F:{enumeration.FullName}.{choice}");

    static Dictionary<string, XElement> Read()
    {
        using Stream documentation = typeof(OptionDescriptions).Assembly.GetManifestResourceStream("Lowbit.xml")!;
        return XDocument.Load(documentation).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);
    }

    /// <summary>The summary as one line, code in backticks.</summary>
    static string Text(string member)
    {
        if (Members.Value.GetValueOrDefault(member)?.Element("summary") is not { } summary) return "";
        return Blanks().Replace(string.Concat(summary.Nodes().Select(node => node is XElement element ? $"`{Name(element)}`" : ((XText)node).Value)), " ").Trim();
    }

    /// <summary>What an element names: the text of code, and of a reference to a choice what YAML calls that.</summary>
    static string Name(XElement element) => (string?)element.Attribute("cref") is { } reference ? KeyNames.Snake(reference[(reference.LastIndexOf('.') + 1)..]) : element.Value;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
