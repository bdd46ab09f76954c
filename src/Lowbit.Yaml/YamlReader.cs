using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lowbit.Configuration;

/// <summary>
/// Reads a YAML text into values. It walks the events of the parser and counts: how deep values are nested, how long texts are, and how many values there are
/// with every alias written out, so that a text of a few bytes cannot ask for unbounded time or memory. Keys are texts, and merge keys are resolved.
/// </summary>
sealed class YamlReader
{
    /// <summary>Sections and lists that may stand within one another; a run needs five.</summary>
    internal const int Deepest = 64;

    /// <summary>Values of a text, each as often as aliases repeat it.</summary>
    internal const int MostValues = 50_000;

    /// <summary>Characters of one text: as many as a path may have.</summary>
    internal const int LongestText = 4_096;

    /// <summary>Characters of a whole file.</summary>
    internal const int LongestFile = 1 << 20;

    readonly Parser parser;
    readonly Dictionary<string, (YamlValue? Value, int Count)> anchors = [];
    int count;

    YamlReader(TextReader text) => parser = new(text);

    /// <summary>The documents of a text.</summary>
    /// <exception cref="YamlTextException">It is not YAML, or too much of it.</exception>
    public static IReadOnlyList<YamlValue> Read(string text)
    {
        if (text.Length > LongestFile) throw new YamlTextException(Mark.Empty, $"a configuration has at most {LongestFile} characters, and this has {text.Length}");
        try
        {
            using var reader = new StringReader(text.TrimStart('\uFEFF'));
            return new YamlReader(reader).Documents();
        }
        catch (YamlException problem)
        {
            throw new YamlTextException(problem.Start, $"this is not YAML: {Reason(problem)}", isSyntax: true);
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new YamlTextException(Mark.Empty, $"this is not YAML: {Reason(problem)}", isSyntax: true);
        }
    }

    List<YamlValue> Documents()
    {
        var documents = new List<YamlValue>();
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            anchors.Clear();
            documents.Add(Value(depth: 0));
            parser.Consume<DocumentEnd>();
        }
        return documents;
    }

    YamlValue Value(int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias)) return Repeated(alias);
        // The parser leaves the value out where it stands unindented after a lone colon.
        if (parser.Current is not NodeEvent begin) throw new YamlTextException(parser.Current!.Start, "this is not YAML: a value is missing before this", isSyntax: true);
        if (depth > Deepest) throw new YamlTextException(begin.Start, $"sections and lists are nested more than {Deepest} deep");
        int before = count;
        AnchorName anchor = begin.Anchor;
        if (!anchor.IsEmpty) anchors[anchor.Value] = (null, 0);
        CountValues(1, begin.Start);
        YamlValue value = parser.TryConsume<Scalar>(out Scalar? scalar) ? Text(scalar)
            : parser.TryConsume<SequenceStart>(out SequenceStart? list) ? List(list, depth)
            : Section(parser.Consume<MappingStart>(), depth);
        if (!anchor.IsEmpty) anchors[anchor.Value] = (value, count - before);
        return value;
    }

    YamlValue Repeated(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value.Value, out var anchor))
            throw new YamlTextException(alias.Start, $"this is not YAML: *{Printable.Short(alias.Value.Value)} has no anchor &{Printable.Short(alias.Value.Value)} before it", isSyntax: true);
        if (anchor.Value is null) throw new YamlTextException(alias.Start, $"*{Printable.Short(alias.Value.Value)} stands within the value that it repeats");
        CountValues(anchor.Count, alias.Start);
        return anchor.Value;
    }

    void CountValues(int more, Mark at)
    {
        count += more;
        if (count > MostValues) throw new YamlTextException(at, $"there are more than {MostValues} values up to here, with those that aliases repeat");
    }

    static YamlText Text(Scalar scalar) => scalar.Value.Length <= LongestText
        ? new(scalar.Start, scalar.Value, scalar.Style == ScalarStyle.Plain)
        : throw new YamlTextException(scalar.Start, $"a text has at most {LongestText} characters, and this has {scalar.Value.Length}");

    YamlList List(SequenceStart start, int depth)
    {
        var items = new List<YamlValue>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Value(depth + 1));
        return new(start.Start, items);
    }

    YamlSection Section(MappingStart start, int depth)
    {
        var entries = new SectionEntries();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Mark at = parser.Current!.Start;
            if (parser.Current is MappingStart or SequenceStart)
                throw new YamlTextException(at, $"a key is a text, and this is {(parser.Current is MappingStart ? "a section" : "a list")}");
            YamlText key = Value(depth + 1) as YamlText ?? throw new YamlTextException(at, "a key is a text, and this repeats a section or a list");
            entries.Add(key, Value(depth + 1));
        }
        return new(start.Start, entries.Merged());
    }

    /// <summary>The message of an error without its place, as one line.</summary>
    static string Reason(Exception problem)
    {
        string message = (problem.InnerException ?? problem).Message;
        int afterPlace = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) + 3 : 0;
        return Printable.Short(message[afterPlace..].TrimEnd('.'));
    }
}
