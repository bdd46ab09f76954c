using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>
/// What a quantizer of weights declares of itself. How it computes its scale stands beside this, in the file of the quantizer: a class of
/// Lowbit.Quantization.Weights. Two of the same name are equal, and the name is what JSON has.
/// </summary>
[JsonConverter(typeof(WeightScaleConverter))]
public abstract partial class WeightScale : IEquatable<WeightScale>
{
    /// <summary>Its name in a configuration: max_abs.</summary>
    public abstract string Name { get; }

    /// <summary>The names that Brevitas has for it, each with whether every channel has a scale of its own there.</summary>
    public virtual IReadOnlyList<(string Name, bool PerChannel)> BrevitasNames => [];

    /// <summary>Whether the integers are unsigned, with a zero point.</summary>
    public virtual bool HasZeroPoint => false;

    /// <summary>Whether the scale is a constant: one for the tensor, whatever the weights.</summary>
    public virtual bool IsConstant => false;

    /// <summary>The magnitude that training keeps stored weights within, and that initial ones fill uniformly; null for any.</summary>
    public virtual double? StoredWithin => null;

    /// <summary>What it learns beside the weights.</summary>
    public virtual IReadOnlyList<QuantizerParameter> Parameters => [];

    /// <summary>The integers that a weight takes.</summary>
    public virtual IntegerRange Range(int bitWidth) => HasZeroPoint ? IntegerRange.Unsigned(bitWidth) : IntegerRange.Signed(bitWidth, narrow: true);

    /// <summary>
    /// Makes a quantizer of one's own known by its name, for the whole process: graphs that have it can then be read, those of checkpoints among them.
    /// </summary>
    /// <param name="scale">The quantizer; one of its class may be registered already.</param>
    /// <exception cref="LowbitException">Another class of quantizers has its name.</exception>
    public static void Register(WeightScale scale) => WeightScaleConverter.Known.Register(scale);

    /// <inheritdoc/>
    public bool Equals(WeightScale? other) => other?.Name == Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as WeightScale);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
