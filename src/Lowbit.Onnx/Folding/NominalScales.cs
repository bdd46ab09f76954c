using Lowbit.Integers;
using Lowbit.Runtime;
using Lowbit.Runtime.Nodes;

namespace Lowbit.Export.Folding;

/// <summary>
/// The scale of each integer value of a network, as its quantizer has it. Where channels have scales of their own it is 1: only the integers have to be the network's, and
/// what comes after is scaled accordingly.
/// </summary>
static class NominalScales
{
    /// <summary>By the name of the integer network's node.</summary>
    public static Dictionary<string, float> Of(IntegerNetwork network, IntegerForm form)
    {
        var scales = new Dictionary<string, float>();
        foreach (ScaledValue value in form.Values.Values) scales[value.Integers] = value.Scales.Length == 1 ? (float)value.Scales[0] : 1;
        // Pools and flattening leave the scale as it is; those between two nodes of the network have it from the last of them.
        foreach (IntegerNode node in network.Nodes.Reverse())
            if (node is IntegerMaxPool or IntegerFlatten && scales.TryGetValue(node.Name, out float scale)) scales.TryAdd(node.Inputs[0], scale);
        return scales;
    }
}
