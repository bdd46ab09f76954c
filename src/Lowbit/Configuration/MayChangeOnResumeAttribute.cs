namespace Lowbit.Configuration;

/// <summary>Says that a run may be continued with another value of a key, or of every key of a section.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class MayChangeOnResumeAttribute : Attribute
{
    /// <summary>Whether another value trains otherwise, which is worth a word.</summary>
    public bool ChangesTraining { get; init; }

    /// <summary>Whether it may only be another value, not be added or taken away.</summary>
    public bool OnlyIfSet { get; init; }
}
