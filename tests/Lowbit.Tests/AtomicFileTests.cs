using Lowbit.Tests.Data;
using Xunit;

namespace Lowbit.Tests;

public sealed class AtomicFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Leftovers_of_killed_processes_are_removed_and_nothing_else()
    {
        string[] kept = ["model.bin", "model.bin.partial", "model.bin.copy.partial", "other.bin.12.partial"];
        foreach (string name in kept.Append("model.bin.1234.partial")) File.WriteAllText(folder[name], "");

        AtomicFile.RemoveLeftovers(folder.Path, "model.bin");
        AtomicFile.RemoveLeftovers(folder["absent"], "model.bin");

        Assert.Equal(kept.Order(), Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public void A_file_is_written_into_folders_that_are_not_there_yet()
    {
        AtomicFile.WriteText(folder["a", "b", "c.txt"], "text");
        AtomicFile.Copy(folder["a", "b", "c.txt"], folder["d", "e.txt"]);

        Assert.Equal("text", File.ReadAllText(folder["d", "e.txt"]));
    }

    [Fact]
    public void What_cannot_take_the_place_of_a_file_leaves_nothing()
    {
        Directory.CreateDirectory(folder["taken", "inside"]);

        Assert.ThrowsAny<Exception>(() => AtomicFile.WriteText(folder["taken"], "text"));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_link_of_a_file_leads_where_it_leads_the_kernel()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right of their own there");
        Directory.CreateDirectory(folder["far", "inner"]);
        Directory.CreateSymbolicLink(folder["near"], folder["far", "inner"]);
        File.CreateSymbolicLink(folder["link.txt"], "near/../file.txt");

        AtomicFile.WriteText(folder["link.txt"], "text");

        Assert.Equal("text", File.ReadAllText(folder["link.txt"]));
        Assert.True(File.Exists(folder["far", "file.txt"]));
    }
}
