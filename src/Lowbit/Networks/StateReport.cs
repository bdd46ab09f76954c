using static TorchSharp.torch;

namespace Lowbit.Networks;

/// <summary>What of a file's tensors found its place in a network, and what did not.</summary>
/// <param name="Loaded">Names that matched and were copied.</param>
/// <param name="Missing">The network's names that the file lacks.</param>
/// <param name="Unused">The file's names that the network lacks.</param>
/// <param name="Mismatched">Names of both whose tensors differ in shape, or in being integers, with both shapes.</param>
public sealed record StateReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unused, IReadOnlyList<(string Name, string Network, string File)> Mismatched)
{
    /// <summary>Whether every tensor of the network was found.</summary>
    public bool IsComplete => Missing.Count == 0 && Mismatched.Count == 0;

    /// <summary>Copies tensors into the parameters and buffers of the same names and shapes.</summary>
    public static StateReport Load(Network network, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var _ = no_grad();
        var loaded = new List<string>();
        var missing = new List<string>();
        var mismatched = new List<(string, string, string)>();
        foreach (var (name, target) in network.State)
        {
            if (!tensors.TryGetValue(name, out Tensor? source)) missing.Add(name);
            else if (!source.shape.SequenceEqual(target.shape) || source.is_floating_point() != target.is_floating_point()) mismatched.Add((name, Describe(target), Describe(source)));
            else
            {
                target.copy_(source);
                loaded.Add(name);
            }
        }
        HashSet<string> known = [.. network.State.Select(entry => entry.Name)];
        return new(loaded, missing, [.. tensors.Keys.Where(name => !known.Contains(name))], mismatched);
    }

    /// <summary>Refuses a file that does not fit the network.</summary>
    /// <exception cref="LowbitException">A tensor is missing, has another shape or is one that the network has not; the message names the first of them.</exception>
    public StateReport RequireComplete(string file) =>
        Mismatched is [var (name, network, found), ..] ? throw new LowbitException($"{file} does not fit the network: {name} is {found} there and {network} here")
        : Missing is [var missing, ..] ? throw new LowbitException($"{file} does not fit the network: {missing} is not in it ({Missing.Count} of the network's tensors are missing)")
        : Unused is [var unused, ..] ? throw new LowbitException($"{file} does not fit the network: nothing in the network is named {Printable.Short(unused)}")
        : this;

    static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]{(tensor.is_floating_point() ? "" : " of integers")}";
}
