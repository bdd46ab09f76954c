using Lowbit.Cli.Display;
using Lowbit.Cli.Tests.Terminals;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public sealed class FooterTests : IDisposable
{
    readonly StringWriter terminal = new();
    int width = 40;

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void Lines_change_in_their_place_below_what_stays()
    {
        Footer footer = Create();
        footer.Show(["one", "two"]);
        footer.WriteAbove(["for good"]);
        footer.Show(["three"]);

        Assert.Equal("for good\nthree\n", Screen.Of(terminal.ToString(), width).ToString());
    }

    [Fact]
    public void What_is_wider_than_the_terminal_is_cut_off()
    {
        Create().Show([new string('x', 100)]);

        Assert.Equal(new string('x', 39) + "\n", terminal.ToString());
    }

    [Fact]
    public void Lines_that_a_narrower_terminal_wraps_are_taken_away_as_a_whole()
    {
        Footer footer = Create();
        footer.Show([new string('x', 39), "short"]);
        width = 10;
        terminal.GetStringBuilder().Clear();
        footer.Clear();

        Assert.Equal("\e[5A\r\e[J", terminal.ToString());   // 4 rows of x and one of the other line
    }

    Footer Create() => new(terminal, () => width, line => line);
}
