namespace Lowbit.Graphs.Nodes;

/// <summary>A node with a weight tensor whose first dimension is the output channel: convolution and linear layer.</summary>
public interface IWeighted
{
    /// <summary>The node's name.</summary>
    string Name { get; }

    /// <summary>Output channels or features.</summary>
    int Channels { get; }

    /// <summary>Whether a bias is added.</summary>
    bool Bias { get; }

    /// <summary>How the weights are quantized; null keeps them float.</summary>
    WeightQuantizer? WeightQuantizer { get; }

    /// <summary>Bits of a quantized bias, at scale input scale x weight scale; null keeps it float.</summary>
    int? BiasBitWidth { get; }

    /// <summary>Products that are summed to one output value.</summary>
    int ProductsPerOutput(Shape input);

    /// <summary>The same node with other quantizers.</summary>
    Node WithQuantizers(WeightQuantizer? weights, int? biasBitWidth);
}
