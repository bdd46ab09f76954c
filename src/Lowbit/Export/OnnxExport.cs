using Google.Protobuf;
using Lowbit.Export.Writing;
using Lowbit.Networks;

namespace Lowbit.Export;

/// <summary>Writes trained networks to ONNX files: QONNX for hardware compilers, standard ONNX for ONNX Runtime.</summary>
public static class OnnxExport
{
    /// <summary>Writes a network, whole or not at all, without checking what was written.</summary>
    /// <exception cref="LowbitException">The network has a node or a quantizer that the format has no words for.</exception>
    /// <exception cref="IOException">The folder cannot be written to; an existing file is unchanged.</exception>
    public static void Write(Network network, string path, ExportOptions options)
    {
        var model = NetworkWriter.Write(network, options);
        AtomicFile.Write(path, model.WriteTo);
    }
}
