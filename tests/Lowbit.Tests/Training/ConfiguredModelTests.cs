using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Tests.Configuration;
using Lowbit.Training;
using Xunit;

namespace Lowbit.Tests.Training;

public class ConfiguredModelTests
{
    public static TheoryData<string> Files => ConfigurationReaderTests.Files;

    /// <summary>Names in overrides, for one, are only known when the network is there.</summary>
    [Theory, MemberData(nameof(Files))]
    public void Every_file_that_comes_with_Lowbit_describes_a_network(string file)
    {
        RunConfiguration configuration = ConfigurationReader.Read(Repository.PathOf(file)).Configuration;

        Assert.NotEmpty(ConfiguredModel.Build(configuration, Datasets.Describe(ConfiguredModel.ImagesFor(configuration))).Nodes);
    }
}
