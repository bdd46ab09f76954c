using Lowbit.Export.Interpretation;

namespace Lowbit.Export;

/// <summary>Something that runs the graph of an ONNX file.</summary>
interface IOnnxEngine : IDisposable
{
    /// <summary>The file's output for each image: [N, classes] from [N, ...].</summary>
    /// <param name="images">As many as one likes.</param>
    /// <param name="classes">How many classes there are, which tells several outputs apart; null where that is not known.</param>
    NdArray Run(NdArray images, int? classes = null);
}
