using Lowbit.Quantization;

namespace Lowbit.Networks.Layers;

/// <summary>How a node runs: its value from the values of its inputs.</summary>
delegate QuantizedTensor Layer(ReadOnlySpan<QuantizedTensor> inputs);
