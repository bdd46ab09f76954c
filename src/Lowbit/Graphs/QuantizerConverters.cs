using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>Quantizers of weights in JSON: by name.</summary>
sealed class WeightScaleConverter : NamedConverter<WeightScale>
{
    private protected override IEnumerable<(string, WeightScale)> All => WeightScale.All.Select(scale => (scale.Name, scale));
}

/// <summary>Quantizers of activations in JSON: by name.</summary>
sealed class ActivationScaleConverter : NamedConverter<ActivationScale>
{
    private protected override IEnumerable<(string, ActivationScale)> All => ActivationScale.All.Select(scale => (scale.Name, scale));
}

/// <summary>Values that JSON has by name.</summary>
abstract class NamedConverter<T> : JsonConverter<T> where T : class
{
    private protected abstract IEnumerable<(string Name, T Value)> All { get; }

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = reader.GetString();
        return All.FirstOrDefault(entry => entry.Name == name).Value
            ?? throw new JsonException($"There is no {typeof(T).Name} called {name}; there are {string.Join(", ", All.Select(entry => entry.Name))}");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
