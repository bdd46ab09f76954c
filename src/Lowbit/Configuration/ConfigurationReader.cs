using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lowbit.Configuration;

/// <summary>Reads the YAML file of a run.</summary>
public static class ConfigurationReader
{
    const int LargestFile = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Keys to set to other values, each as <c>section.key=value</c>.</param>
    /// <exception cref="ConfigurationException">It is not there, not YAML, or says what is not allowed: every error with its line and column.</exception>
    public static ReadConfiguration Read(string path, IReadOnlyList<string>? overrides = null)
    {
        if (Directory.Exists(path)) throw new ConfigurationException([$"{path} is a folder; give a YAML file"]);
        if (!File.Exists(path)) throw new ConfigurationException([$"{path} is not there"]);
        if (new FileInfo(path).Length > LargestFile) throw new ConfigurationException([$"{path} is larger than 1 MiB, which no configuration is"]);
        try
        {
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)), path, overrides);
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigurationException([$"{path} is not text in UTF-8"]);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{path} cannot be read: {problem.Message.TrimEnd('.')}"]);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="overrides">Keys to set to other values, each as <c>section.key=value</c>.</param>
    /// <exception cref="ConfigurationException">It is not YAML, or says what is not allowed: every error with its line and column.</exception>
    public static ReadConfiguration Parse(string yaml, string source, IReadOnlyList<string>? overrides = null)
    {
        var problems = new Problems(source);
        YamlMappingNode root = Root(yaml, source);
        foreach (string assignment in overrides ?? []) Overrides.Apply(assignment, root, problems);
        problems.ThrowIfAny();
        var configuration = (RunConfiguration)new SectionReader(problems).Read("", typeof(RunConfiguration), root);
        if (!problems.Any) configuration = Consistency.Check(configuration, root, problems);
        problems.ThrowIfAny();
        return new(configuration, problems.Warnings);
    }

    static YamlMappingNode Root(string yaml, string source)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(yaml.TrimStart('\uFEFF'));
            stream.Load(reader);
        }
        catch (YamlException problem)
        {
            throw new ConfigurationException([$"{source}({problem.Start.Line},{problem.Start.Column}): this is not YAML: {Reason(problem)}"]);
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new ConfigurationException([$"{source}: this is not YAML: {problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}"]);
        }
        if (stream.Documents.Count > 1) throw new ConfigurationException([$"{source}: there are {stream.Documents.Count} documents in it; a run is one"]);
        if (stream.Documents.Count == 0) throw new ConfigurationException([$"{source} is empty; it must at least name a model, as in model: {{ name: quant_resnet20 }}"]);
        return stream.Documents[0].RootNode as YamlMappingNode
            ?? throw new ConfigurationException([$"{source}(1,1): a configuration is made of sections, like model: and training:; this is {ValueReader.Describe(stream.Documents[0].RootNode)}"]);
    }

    static string Reason(YamlException problem)
    {
        string message = (problem.InnerException ?? problem).Message;
        int behindPlace = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) + 3 : 0;
        return message[behindPlace..].ReplaceLineEndings(" ").TrimEnd('.');
    }
}
