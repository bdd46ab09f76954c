using Lowbit.Export;
using Onnx;
using Xunit;
using static TorchSharp.torch;
using ElementType = Onnx.TensorProto.Types.DataType;

namespace Lowbit.Tests.Export;

/// <summary>Weights in a file beside the model's: read where they may be, and only there.</summary>
public sealed class ExternalDataTests : IDisposable
{
    readonly string outside = Path.Combine(Path.GetTempPath(), $"lowbit-{Guid.NewGuid():N}");
    readonly string folder;
    readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public ExternalDataTests()
    {
        folder = Path.Combine(outside, "model");
        Directory.CreateDirectory(Path.Combine(folder, "inner"));
        byte[] bytes = [9, 9, 9, 9, .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f)];
        foreach (string name in new[] { Path.Combine(outside, "weights"), Path.Combine(folder, "weights"), Path.Combine(folder, "inner", "weights") }) File.WriteAllBytes(name, bytes);
        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(outside, "weights"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "up"), outside);
        File.CreateSymbolicLink(Path.Combine(folder, "beside"), "weights");
        File.CreateSymbolicLink(Path.Combine(folder, "inner", "chain"), "../other/weights");
        Directory.CreateSymbolicLink(Path.Combine(folder, "other"), Path.Combine(folder, "inner"));
        File.CreateSymbolicLink(Path.Combine(folder, "circle"), "circle");
        File.CreateSymbolicLink(Path.Combine(folder, "after"), "up/weights");
        File.CreateSymbolicLink(Path.Combine(folder, "above"), "up/model/../weights");
        File.CreateSymbolicLink(Path.Combine(folder, "device"), "/dev/zero");
    }

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(outside, recursive: true);
    }

    [Theory]
    [InlineData("weights")]
    [InlineData("inner/weights")]
    [InlineData("beside")]
    [InlineData("other/weights")]
    [InlineData("inner/chain")]
    public void Data_beside_the_model_is_read(string location)
    {
        foreach (var engine in new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime }) Assert.Equal([2, 6], Run(engine, ("location", location), ("offset", "4"), ("length", "8")));
    }

    [Theory]
    [InlineData("../weights")]
    [InlineData("inner/../../weights")]
    [InlineData("/etc/hostname")]
    [InlineData("link")]
    [InlineData("up/weights")]
    [InlineData("after")]
    [InlineData("above")]
    [InlineData("circle")]
    [InlineData("device")]
    [InlineData("")]
    [InlineData("absent")]
    [InlineData("inner")]
    [InlineData("*/_ORT_MEM_ADDR_/*")]
    public void Nothing_outside_of_the_folder_is_read(string location) => AssertRefused(("location", location), ("offset", "4"), ("length", "8"));

    [Fact]
    public void A_model_that_a_link_leads_to_has_its_data_beside_the_link()
    {
        string linked = Path.Combine(outside, "linked");
        Directory.CreateSymbolicLink(linked, folder);
        using var file = Model(("location", "weights"), ("offset", "4"), ("length", "8"));
        File.Copy(file.Save(), Path.Combine(folder, "model.onnx"));
        foreach (var engine in new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime })
            using (var network = OnnxNetwork.Load(Path.Combine(linked, "model.onnx"), engine))
                Assert.Equal([2, 6], network.Run(tensor(new float[,] { { 1, 2 } })).data<double>().ToArray());
    }

    [Theory]
    [InlineData("8", "8")]
    [InlineData("-4", "8")]
    [InlineData("4", "7")]
    [InlineData("4", "-8")]
    [InlineData("x", "8")]
    [InlineData("9223372036854775807", "8")]
    [InlineData("4", "9223372036854775807")]
    public void Data_that_is_not_in_the_file_is_refused(string offset, string length) => AssertRefused(("location", "weights"), ("offset", offset), ("length", length));

    [Fact]
    public void A_tensor_of_a_node_has_its_data_in_the_file()
    {
        using var file = Model(("location", "weights"), ("offset", "4"), ("length", "8"));
        var weights = file.Model.Graph.Initializer[0];
        file.Model.Graph.Initializer.Clear();
        file.Model.Graph.Node.Insert(0, new NodeProto { OpType = "Constant", Output = { "w" }, Attribute = { new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = weights } } });
        Assert.Contains("data in another file", Assert.ThrowsAny<LowbitException>(() => Run(file, OnnxEngine.OnnxRuntime)).Message);
    }

    void AssertRefused(params (string, string)[] entries)
    {
        foreach (var engine in new[] { OnnxEngine.Interpreter, OnnxEngine.OnnxRuntime })
            Assert.Contains("initializer w: ", Assert.ThrowsAny<LowbitException>(() => Run(engine, entries)).Message);
    }

    double[] Run(OnnxEngine engine, params (string, string)[] entries)
    {
        using var file = Model(entries);
        return Run(file, engine);
    }

    double[] Run(OnnxFile file, OnnxEngine engine)
    {
        string path = Path.Combine(folder, "model.onnx");
        File.Copy(file.Save(), path, overwrite: true);
        using var network = OnnxNetwork.Load(path, engine);
        return network.Run(tensor(new float[,] { { 1, 2 } })).data<double>().ToArray();
    }

    static OnnxFile Model(params (string Key, string Value)[] entries)
    {
        var file = new OnnxFile([0, 2]);
        var weights = new TensorProto { Name = "w", DataType = (int)ElementType.Float, Dims = { 2 }, DataLocation = TensorProto.Types.DataLocation.External };
        weights.ExternalData.AddRange(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        file.Model.Graph.Initializer.Add(weights);
        return file.Node("Mul", "x w", "y");
    }
}
