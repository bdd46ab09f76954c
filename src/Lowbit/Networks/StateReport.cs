using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>What of a file's tensors found its place in a network, and what did not.</summary>
/// <param name="Loaded">Names that matched and were copied.</param>
/// <param name="Missing">The network's names that the file lacks.</param>
/// <param name="Unused">The file's names that the network lacks.</param>
/// <param name="Mismatched">Names of both whose tensors hold different numbers of values, with both shapes.</param>
public sealed record StateReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unused, IReadOnlyList<(string Name, string Network, string File)> Mismatched)
{
    /// <summary>Whether every tensor of the network was found.</summary>
    public bool IsComplete => Missing.Count == 0 && Mismatched.Count == 0;

    /// <summary>Copies tensors into the parameters and buffers of the same names; a shape may differ where the number of values does not.</summary>
    public static StateReport Load(Network network, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var _ = no_grad();
        var loaded = new List<string>();
        var missing = new List<string>();
        var mismatched = new List<(string, string, string)>();
        foreach (var (name, target) in network.State)
        {
            if (!tensors.TryGetValue(name, out Tensor? source)) missing.Add(name);
            else if (source.numel() != target.numel()) mismatched.Add((name, Describe(target), Describe(source)));
            else
            {
                using Tensor shaped = source.reshape(target.shape);
                target.copy_(shaped);
                loaded.Add(name);
            }
        }
        HashSet<string> known = [.. network.State.Select(entry => entry.Name)];
        return new(loaded, missing, [.. tensors.Keys.Where(name => !known.Contains(name))], mismatched);
    }

    /// <summary>Refuses a file that does not fit the network.</summary>
    /// <exception cref="LowbitException">A tensor is missing or has another shape; the message names the first of them.</exception>
    public StateReport RequireComplete(string file) =>
        Mismatched is [var (name, network, found), ..] ? throw new LowbitException($"{file} does not fit the network: {name} is {found} there and {network} here")
        : Missing is [var missing, ..] ? throw new LowbitException($"{file} does not fit the network: {missing} is not in it ({Missing.Count} of the network's tensors are missing)")
        : this;

    static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
