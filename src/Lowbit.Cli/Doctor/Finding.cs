namespace Lowbit.Cli.Doctor;

/// <summary>How much a finding matters.</summary>
enum Severity
{
    /// <summary>As it should be.</summary>
    Fine,

    /// <summary>Lowbit works, with less.</summary>
    Note,

    /// <summary>Lowbit does not work.</summary>
    Problem,
}

/// <summary>Something that was looked at on this machine.</summary>
/// <param name="Name">What.</param>
/// <param name="Found">What is there.</param>
/// <param name="Follows">What follows from it for Lowbit.</param>
/// <param name="Severity">How much that matters.</param>
sealed record Finding(string Name, string Found, string Follows, Severity Severity = Severity.Fine);
