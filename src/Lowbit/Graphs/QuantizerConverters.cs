using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>Quantizers of weights in JSON: by name.</summary>
sealed class WeightScaleConverter : NamedConverter<WeightScale>
{
    public static NamedQuantizers<WeightScale> Known { get; } = new("weights", WeightScale.All, scale => scale.Name);

    private protected override NamedQuantizers<WeightScale> Names => Known;
}

/// <summary>Quantizers of activations in JSON: by name.</summary>
sealed class ActivationScaleConverter : NamedConverter<ActivationScale>
{
    public static NamedQuantizers<ActivationScale> Known { get; } = new("activations", ActivationScale.All, scale => scale.Name);

    private protected override NamedQuantizers<ActivationScale> Names => Known;
}

/// <summary>Values that JSON has by name.</summary>
abstract class NamedConverter<T> : JsonConverter<T> where T : class
{
    private protected abstract NamedQuantizers<T> Names { get; }

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Names.Find(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>The quantizers that a file can name: Lowbit's, and those that a program has registered.</summary>
/// <param name="of">What they quantize.</param>
/// <param name="own">Lowbit's.</param>
/// <param name="nameOf">The name of one.</param>
sealed class NamedQuantizers<T>(string of, IEnumerable<T> own, Func<T, string> nameOf) where T : class
{
    readonly ConcurrentDictionary<string, T> known = new(own.Select(scale => KeyValuePair.Create(nameOf(scale), scale)));

    public void Register(T scale)
    {
        string name = nameOf(scale);
        if (known.GetOrAdd(name, scale) is { } holder && holder.GetType() != scale.GetType())
            throw new LowbitException($"A quantizer of {of} cannot be registered as {name}: {holder.GetType().FullName} has this name");
    }

    public T Find(string name) => known.TryGetValue(name, out T? scale)
        ? scale
        : throw new GraphException($"there is no quantizer of {of} called {Printable.Short(name)}; one of your own must be registered ({typeof(T).Name}.{nameof(Register)}) before the file is read{NearestName.Hint(name, known.Keys)}");
}
