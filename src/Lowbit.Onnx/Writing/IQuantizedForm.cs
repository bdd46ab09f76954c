using Lowbit.Graphs.Nodes;

namespace Lowbit.Export.Writing;

/// <summary>How a format says what quantizers do; everything else is standard ONNX in all of them.</summary>
interface IQuantizedForm
{
    /// <summary>Operators' versions that the file imports, by domain.</summary>
    IEnumerable<(string Domain, long Version)> Imports { get; }

    /// <summary>Whether weights are written as values that are rounded to float32, so that activations near a tie may round otherwise, and not as integers.</summary>
    bool RoundsWeights => false;

    /// <summary>Writes the quantized weights of a layer.</summary>
    /// <returns>The tensor that holds their values.</returns>
    string Weights(WrittenNetwork network, IWeighted layer);

    /// <summary>Writes the quantizer of an activation.</summary>
    string Activation(WrittenNetwork network, Quantize node);

    /// <summary>Writes the mean in integers.</summary>
    string TruncatedMean(WrittenNetwork network, AveragePool node);
}
