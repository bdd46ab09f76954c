using Lowbit.Graphs.Nodes;
using Lowbit.Networks.Layers;
using static TorchSharp.torch;

namespace Lowbit.Networks.Brevitas;

/// <summary>
/// Moves trained networks between Lowbit and Brevitas by their state dicts. Both hold the same numbers; only their names differ:
/// a learned activation scale is <c>relu.act_quant.fused_activation_quant_proxy.tensor_quant.scaling_impl.value</c> there and
/// <c>relu.quant.threshold.value</c> here, and layers are called what each author called them.
/// </summary>
public static class BrevitasState
{
    /// <summary>
    /// Copies a Brevitas state dict into a network: modules of the same name first, then those of the same kind and shapes, in order. Scales of weights that are learned
    /// here and statistics there start from the weights.
    /// </summary>
    /// <returns>For each tensor of either side where it went, or why it went nowhere.</returns>
    public static BrevitasImport Import(Network network, IReadOnlyDictionary<string, Tensor> brevitas)
    {
        using var _ = no_grad();
        var (pairs, ours, theirs) = Pair(network, brevitas);
        foreach (var (our, their) in pairs) our.CopyFrom(their);
        network.StartWeightQuantizers(pairs.SelectMany(pair => pair.Key.Tensors.Keys.Except(pair.Value.Tensors.Keys).Select(parameter => $"{pair.Key.Name}.{parameter}")));
        network.FinishStatistics();

        return new(
            Matched: [.. pairs.SelectMany(pair => pair.Value.Tensors.Keys.Select(parameter => (NameOf(pair.Value, parameter), $"{pair.Key.Name}.{parameter}")))],
            Missing: [.. ours.SelectMany(our => our.Tensors.Select(t => ($"{our.Name}.{t.Key}", $"no module of its kind with the shape [{string.Join(", ", t.Value.shape)}] is left")))],
            Unused: [.. theirs.SelectMany(their => their.Tensors.Keys.Select(parameter => (NameOf(their, parameter), ReasonFor(their)))),
                .. brevitas.Keys.Where(name => !BrevitasNames.IsLearned(name)).Select(name => (name, "a counter that nothing reads"))]);

        string NameOf(Module their, string parameter) => brevitas.Keys.First(name => BrevitasNames.Split(name) == (their.Name, parameter));

        string ReasonFor(Module their) => pairs.Values.Any(used => used.IsSameAs(their))
            ? "it repeats the scale of a quantizer that is shared"
            : "no node of its kind and shape is left";
    }

    /// <summary>A network's state under Brevitas's names, scales as learned parameters; the tensors are copies that belong to the caller.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Export(Network network) =>
        from module in ModulesOf(network)
        from entry in module.Tensors
        select (BrevitasNames.Of(module.Name, entry.Key), Written(network, module.Name, entry.Key, entry.Value).detach().clone());

    /// <summary>A tensor of the state as Brevitas would have it: weights that are normalized before they are quantized are so already, because it has nothing for that.</summary>
    static Tensor Written(Network network, string node, string parameter, Tensor tensor) =>
        network.Graph[node] is IWeighted && parameter == "weight" ? network.WeightsToRound(node) : tensor;

    /// <summary>
    /// A network's state under the names and in the shapes of a Brevitas state dict, which <see cref="Import"/> would take into it: for a model whose author
    /// called its layers something else. Scales of shared quantizers are repeated as they are there; counters stay what they are there.
    /// </summary>
    /// <exception cref="LowbitException">The two are not states of the same network.</exception>
    public static IEnumerable<(string Name, Tensor Tensor)> Export(Network network, IReadOnlyDictionary<string, Tensor> like)
    {
        var (pairs, ours, _) = Pair(network, like);
        if (ours is [var left, ..]) throw new LowbitException($"The names of the other state do not reach: it has nothing like {left.Name}");
        return [.. like.Select(entry => (entry.Key, BrevitasNames.IsLearned(entry.Key) ? Shaped(Source(entry.Key), entry.Value) : entry.Value.clone()))];

        Tensor Source(string name)
        {
            var (node, parameter) = BrevitasNames.Split(name);
            if (pairs.FirstOrDefault(pair => pair.Value.Name == node).Key is { } own) return Written(network, own.Name, parameter, own.Tensors[parameter]);
            var module = new Module(node, like.Where(entry => BrevitasNames.Split(entry.Key).Node == node && BrevitasNames.IsLearned(entry.Key))
                .ToDictionary(entry => BrevitasNames.Split(entry.Key).Parameter, entry => entry.Value));
            return pairs.Where(pair => pair.Value.IsSameAs(module)).Select(pair => pair.Key.Tensors[parameter]).ToArray() switch
            {
                [var only] => only,
                [] => throw new LowbitException($"The network has nothing like {name} of the other state"),
                _ => throw new LowbitException($"{name} of the other state repeats one of several equal scales, so that nothing tells which one is shared"),
            };
        }

        static Tensor Shaped(Tensor tensor, Tensor like) => tensor.detach().cpu().reshape(like.shape).clone();
    }

    /// <summary>Which module of ours is which of theirs, and those of either side that are left.</summary>
    static (Dictionary<Module, Module> Pairs, List<Module> Ours, List<Module> Theirs) Pair(Network network, IReadOnlyDictionary<string, Tensor> brevitas)
    {
        List<Module> theirs = [.. brevitas.Where(entry => BrevitasNames.IsLearned(entry.Key))
            .GroupBy(entry => BrevitasNames.Split(entry.Key).Node, (name, tensors) => new Module(name, tensors.ToDictionary(t => BrevitasNames.Split(t.Key).Parameter, t => t.Value)))];
        theirs.Sort((a, b) => BrevitasNames.CompareNaturally(a.Name, b.Name));
        List<Module> ours = [.. ModulesOf(network)];
        var pairs = new Dictionary<Module, Module>();
        PairBy((our, their) => their.Name == our.Name);
        PairBy((_, _) => true);
        return (pairs, ours, theirs);

        void PairBy(Func<Module, Module, bool> isPair)
        {
            foreach (Module our in ours.ToArray())
            {
                if (theirs.FirstOrDefault(their => isPair(our, their) && our.Fits(their)) is not { } found) continue;
                pairs.Add(our, found);
                ours.Remove(our);
                theirs.Remove(found);
            }
        }
    }

    static IEnumerable<Module> ModulesOf(Network network) => network.Graph.Nodes
        .Select(node => new Module(node.Name, network.StateOf(node.Name).Where(entry => BrevitasNames.IsLearned(entry.Name)).ToDictionary(entry => entry.Name, entry => entry.Tensor)))
        .Where(module => module.Tensors.Count > 0);

    /// <summary>The tensors of one layer, by what they are called in ours.</summary>
    sealed record Module(string Name, Dictionary<string, Tensor> Tensors)
    {
        /// <summary>
        /// Whether the other has all that this one needs, weights of the same shape, everything else of the same but for dimensions of 1, and nothing more; what a
        /// quantizer of weights learns may be missing.
        /// </summary>
        public bool Fits(Module other) => other.Tensors.Keys.All(Tensors.ContainsKey) && Tensors.All(entry =>
            !other.Tensors.TryGetValue(entry.Key, out Tensor? tensor) ? WeightedLayer.IsQuantizerParameter(entry.Key)
            : entry.Value.is_floating_point() == tensor.is_floating_point()
                && (entry.Value.dim() > 1 && entry.Key == "weight" ? entry.Value.shape.SequenceEqual(tensor.shape) : Sizes(entry.Value).SequenceEqual(Sizes(tensor))));

        /// <summary>Authors keep one scale as [] or [1], and those of channels as [C] or [1, C, 1, 1].</summary>
        static IEnumerable<long> Sizes(Tensor tensor) => tensor.shape.Where(size => size != 1);

        public void CopyFrom(Module other)
        {
            foreach (var (name, tensor) in other.Tensors)
            {
                using Tensor shaped = tensor.reshape(Tensors[name].shape);
                Tensors[name].copy_(shaped);
            }
        }

        public bool IsSameAs(Module other) => Fits(other) && other.Tensors.All(entry => entry.Value.reshape(-1).equal(Tensors[entry.Key].reshape(-1)).all().item<bool>());
    }
}
