using Lowbit.Data;
using Xunit;

namespace Lowbit.Tests.Data;

/// <summary>Tests that write image files and decode them.</summary>
public abstract class WithImageFiles : IDisposable
{
    protected const long MaxPixels = 64_000_000;

    private protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected DecodedImage Read(string name, byte[] content, int channels = 3)
    {
        File.WriteAllBytes(Folder[name], content);
        return ImageDecoder.Read(Folder[name], channels, MaxPixels);
    }

    protected string AssertIsRefused(string name, byte[] content)
    {
        string message = Assert.Throws<CorruptImageException>(() => Read(name, content)).Message;
        Assert.Contains(Path.GetExtension(name), message, StringComparison.Ordinal);
        return message;
    }
}
