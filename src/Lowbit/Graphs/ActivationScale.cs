using System.Text.Json.Serialization;

namespace Lowbit.Graphs;

/// <summary>
/// What a quantizer of activations declares of itself. How it computes its scale stands beside this, in the file of the quantizer: a class of
/// Lowbit.Quantization.Activations. Two of the same name are equal, and the name is what JSON has.
/// </summary>
[JsonConverter(typeof(ActivationScaleConverter))]
public abstract partial class ActivationScale : IEquatable<ActivationScale>
{
    /// <summary>Its name in a configuration: learned_log.</summary>
    public abstract string Name { get; }

    /// <summary>The names that Brevitas has for it.</summary>
    public virtual IReadOnlyList<string> BrevitasNames => [];

    /// <summary>Whether the integers are unsigned, with a zero point, so that negative values have some, too.</summary>
    public virtual bool HasZeroPoint => false;

    /// <summary>Whether the lowest of the signed integers is given up, so that they are symmetric.</summary>
    public virtual bool IsNarrow => false;

    /// <summary>Whether it suits images alone, so that no configuration can choose it for activations.</summary>
    public virtual bool IsForImagesOnly => false;

    /// <summary>What it learns.</summary>
    public virtual IReadOnlyList<QuantizerParameter> Parameters => [];

    /// <summary>What quantizes the images, whose values neither change in training nor lie after a ReLU, in a network of such activations.</summary>
    public virtual ActivationScale ForImages => Learned;

    /// <summary>Training batches whose statistics set the scale before it is learned, where nobody says how many.</summary>
    public virtual int DefaultStatisticsSteps => 300;

    /// <summary>The integers that a value takes.</summary>
    public virtual IntegerRange Range(int bitWidth, bool signed) => signed ? IntegerRange.Signed(bitWidth, IsNarrow) : IntegerRange.Unsigned(bitWidth);

    /// <summary>
    /// Makes a quantizer of one's own known by its name, for the whole process: graphs that have it can then be read, those of checkpoints among them.
    /// </summary>
    /// <param name="scale">The quantizer; one of its class may be registered already.</param>
    /// <exception cref="LowbitException">Another class of quantizers has its name.</exception>
    public static void Register(ActivationScale scale) => ActivationScaleConverter.Known.Register(scale);

    /// <inheritdoc/>
    public bool Equals(ActivationScale? other) => other?.Name == Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActivationScale);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
