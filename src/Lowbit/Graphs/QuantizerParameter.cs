namespace Lowbit.Graphs;

/// <summary>A parameter that a quantizer learns: one value for each of its scales.</summary>
/// <param name="Name">What it is called in the state of a quantizer.</param>
/// <param name="Brevitas">What it is called after <c>tensor_quant.</c> in a Brevitas state dict; null where Brevitas has no such parameter.</param>
public readonly record struct QuantizerParameter(string Name, string? Brevitas = null);
