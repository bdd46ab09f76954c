namespace Lowbit.Networks.Brevitas;

/// <summary>What became of each tensor when a Brevitas state dict was imported.</summary>
/// <param name="Matched">Brevitas's name and ours, of every tensor that was copied.</param>
/// <param name="Missing">Our names that nothing was found for, and why; they keep their initial values.</param>
/// <param name="Unused">Brevitas's names that went nowhere, and why.</param>
public sealed record BrevitasImport(
    IReadOnlyList<(string From, string To)> Matched, IReadOnlyList<(string Name, string Reason)> Missing, IReadOnlyList<(string Name, string Reason)> Unused)
{
    /// <summary>Whether every tensor of the network was found.</summary>
    public bool IsComplete => Missing.Count == 0;
}
