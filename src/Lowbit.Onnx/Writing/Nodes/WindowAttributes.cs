namespace Lowbit.Export.Writing.Nodes;

/// <summary>How a square window slides, in the words of ONNX.</summary>
static class WindowAttributes
{
    public static (string, object) NotDilated { get; } = ("dilations", new[] { 1, 1 });

    public static (string, object)[] Of(int kernel, int stride, int padding) =>
    [
        ("kernel_shape", new[] { kernel, kernel }),
        ("pads", new[] { padding, padding, padding, padding }),
        ("strides", new[] { stride, stride }),
    ];
}
