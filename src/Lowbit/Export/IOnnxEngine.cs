using Lowbit.Export.Interpretation;

namespace Lowbit.Export;

/// <summary>Something that runs the graph of an ONNX file.</summary>
interface IOnnxEngine : IDisposable
{
    /// <summary>The file's output for each image: [N, classes] from [N, ...].</summary>
    NdArray Run(NdArray images);
}
