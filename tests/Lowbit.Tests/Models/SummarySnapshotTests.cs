using Lowbit.Graphs;
using Lowbit.Models;
using Xunit;

namespace Lowbit.Tests.Models;

/// <summary>
/// The summary of every model, kept as text in Summaries/, so that a reviewer sees what a change did to a network. Written anew by
/// <c>LOWBIT_WRITE_SUMMARIES=1 dotnet test --project tests/Lowbit.Tests -- --filter-class "*SummarySnapshotTests"</c>.
/// </summary>
public class SummarySnapshotTests
{
    public static TheoryData<string> Names => [.. ModelZoo.Names];

    [Theory, MemberData(nameof(Names))]
    public void The_summary_is_the_one_on_file(string name)
    {
        Graph graph = ModelZoo.Build(new(name, new(3, 32, 32), Classes: 10), new() { WeightBitWidth = 4, ActivationBitWidth = 4 });
        string summary = Summary.Of(graph).ToString(), file = Repository.PathOf($"tests/Lowbit.Tests/Models/Summaries/{name}.txt");
        if (Environment.GetEnvironmentVariable("LOWBIT_WRITE_SUMMARIES") is not null) File.WriteAllText(file, summary);
        Assert.Equal(File.ReadAllText(file).Split('\n'), summary.Split('\n'));
    }
}
