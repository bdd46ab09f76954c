namespace Lowbit.Configuration;

/// <summary>Says that of a key's numbers at least one is above 0.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class NotAllZeroAttribute : Attribute
{
    /// <summary>What such numbers must be.</summary>
    public static string Allowed => "numbers of which at least one is above 0";
}
