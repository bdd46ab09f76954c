using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lowbit.Configuration;

/// <summary>Keys that the command line sets: they take the place of the file's.</summary>
static class Overrides
{
    /// <summary>Puts one <c>section.key=value</c> into the file's tree.</summary>
    public static void Apply(string assignment, YamlMappingNode root, Problems problems)
    {
        string option = $"--set {assignment}";
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        string[] path = equals < 0 ? [] : assignment[..equals].Trim().Split('.');
        if (path.Length != 2 || path.Any(string.IsNullOrEmpty))
        {
            problems.Error($"{option}: give section.key=value, as in --set optimizer.learning_rate=0.01");
            return;
        }
        if (Value(assignment[(equals + 1)..]) is not { } value)
        {
            problems.Error($"{option}: the value is not YAML");
            return;
        }
        var key = new YamlScalarNode(path[1]);
        foreach (YamlNode node in value.AllNodes.Append(key)) problems.ComesFrom(node, option);
        YamlMappingNode section = Section(root, path[0], option, problems);
        section.Children.Remove(key);
        section.Add(key, value);
    }

    static YamlMappingNode Section(YamlMappingNode root, string name, string option, Problems problems)
    {
        var key = new YamlScalarNode(name);
        if (root.Children.TryGetValue(key, out YamlNode? found) && found is YamlMappingNode section) return section;
        section = [];
        problems.ComesFrom(key, option);
        problems.ComesFrom(section, option);
        root.Children.Remove(key);
        root.Add(key, section);
        return section;
    }

    static YamlNode? Value(string text)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            return stream.Documents.Count == 0 ? new YamlScalarNode("") : stream.Documents[0].RootNode;
        }
        catch (YamlException)
        {
            return null;
        }
    }
}
