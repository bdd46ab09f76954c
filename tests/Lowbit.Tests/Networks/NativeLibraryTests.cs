using TorchSharp;
using Xunit;

namespace Lowbit.Tests.Networks;

public class NativeLibraryTests
{
    [Fact]
    public void Torch_loads_on_this_system() => Assert.Equal(3f, torch.ones(3).sum().item<float>());
}
