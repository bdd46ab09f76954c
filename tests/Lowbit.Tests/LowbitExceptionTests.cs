using Lowbit.Graphs;
using Xunit;

namespace Lowbit.Tests;

public class LowbitExceptionTests
{
    [Fact]
    public void A_name_of_thousands_of_characters_leaves_a_sentence_that_can_be_read()
    {
        string name = new('{', 100_000);

        string message = new GraphException($"conv1 takes the value of {name}, and no node of that name comes before it").Message;

        Assert.StartsWith("conv1 takes the value of {{{", message);
        Assert.EndsWith("{{{, and no node of that name comes before it", message);
        Assert.InRange(message.Length, 1000, 2100);
    }

    [Fact]
    public void Each_line_of_many_stays()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 1000).Select(line => $"{line}: FINN takes activations without a zero point only"));

        Assert.Equal(lines, new LowbitException(lines).Message);
    }

    [Fact]
    public void No_character_is_cut_in_two()
    {
        string message = new LowbitException(string.Concat(Enumerable.Repeat("a😀", 10_000))).Message;

        Assert.DoesNotContain(message.EnumerateRunes(), rune => rune.Value == 0xFFFD);
    }
}
