using Lowbit.Runtime;
using Xunit;

namespace Lowbit.Tests.Integers;

public class PackedIntegersTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Integers_take_their_own_bits_and_come_back(int bits)
    {
        for (int count = 0; count < 40; count++)
        {
            sbyte[] integers = [.. Enumerable.Range(0, count).Select(i => bits == 1 ? (sbyte)(i * 7 % 3 == 0 ? 1 : -1) : (sbyte)((i * 37 % (1 << bits)) - (1 << (bits - 1))))];
            var packed = new PackedIntegers(bits, integers);
            Assert.Equal((count * bits + 7) / 8, packed.Data.Length);
            Assert.Equal(integers, new PackedIntegers(bits, count, packed.Data).Values.ToArray());
        }
    }

    [Theory, InlineData(1, 0), InlineData(1, 2), InlineData(2, 2), InlineData(4, -9), InlineData(7, 64)]
    public void An_integer_of_more_bits_is_refused(int bits, int integer) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PackedIntegers(bits, [(sbyte)(bits == 1 ? 1 : 0), (sbyte)integer]));
}
