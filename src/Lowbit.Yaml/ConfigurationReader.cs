using System.Text;

namespace Lowbit.Configuration;

/// <summary>Reads the YAML file of a run.</summary>
public static class ConfigurationReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Keys to set to other values, each as <c>section.key=value</c>.</param>
    /// <exception cref="ConfigurationException">It is not there, not YAML, or says what is not allowed: every error with its line and column.</exception>
    public static ParsedConfiguration Read(string path, IReadOnlyList<string>? overrides = null)
    {
        if (Directory.Exists(path)) throw new ConfigurationException([$"{path} is a folder; give a YAML file"]);
        if (!File.Exists(path)) throw new ConfigurationException([$"{path} is not there"]);
        try
        {
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes(path)), path, overrides);
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
    public static ParsedConfiguration Parse(string yaml, string source, IReadOnlyList<string>? overrides = null)
    {
        var problems = new Problems(source);
        YamlSection root = Root(yaml, source);
        foreach (string assignment in overrides ?? []) root = Overrides.Apply(assignment, root, problems);
        problems.ThrowIfAny();
        var configuration = (RunConfiguration)new SectionReader(problems).Read("", typeof(RunConfiguration), root);
        if (!problems.Any) configuration = Consistency.Check(configuration, root, problems);
        problems.ThrowIfAny();
        return new(configuration, problems.Warnings);
    }

    /// <summary>A file's bytes, none of them once there are too many: a pipe or a device has no length to ask for.</summary>
    static byte[] Bytes(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[YamlReader.LongestFile + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length < bytes.Length ? bytes[..length] : throw new ConfigurationException([$"{path} is larger than 1 MiB, which no configuration is"]);
    }

    static YamlSection Root(string yaml, string source)
    {
        IReadOnlyList<YamlValue> documents;
        try
        {
            documents = YamlReader.Read(yaml);
        }
        catch (YamlTextException problem)
        {
            throw new ConfigurationException([$"{source}({problem.At.Line},{problem.At.Column}): {problem.Message}"]);
        }
        if (documents.Count > 1) throw new ConfigurationException([$"{source}: there are {documents.Count} documents in it; a run is one"]);
        if (documents.Count == 0) throw new ConfigurationException([$"{source} is empty; it must at least name a model, as in model: {{ name: quant_resnet20 }}"]);
        return documents[0] as YamlSection
            ?? throw new ConfigurationException([$"{source}(1,1): a configuration is made of sections, like model: and training:; this is {ValueReader.Describe(documents[0])}"]);
    }
}
