using Lowbit.Cli.Display;
using Xunit;

namespace Lowbit.Cli.Tests.Display;

public class NextStepsTests
{
    [Fact]
    public void A_run_can_be_pasted_as_it_is() => Assert.Equal(
        """
        Next:
          lowbit report ./experiments/digits/one
          lowbit eval ./experiments/digits/one
          lowbit predict ./experiments/digits/one IMAGE...
          lowbit export ./experiments/digits/one --format qonnx -o model.onnx

        """, NextSteps.After("./experiments/digits/one"));

    [Theory]
    [InlineData("my runs/one", "'my runs/one'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    public void Other_paths_are_quoted(string path, string expected) => Assert.Equal(expected, NextSteps.Argument(path));
}
