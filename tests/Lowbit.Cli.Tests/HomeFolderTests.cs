using System.Globalization;
using Xunit;

namespace Lowbit.Cli.Tests;

public sealed class HomeFolderTests
{
    [Theory]
    [InlineData("--root=~/data", "--root={0}/data")]
    [InlineData("-o=~", "-o={0}")]
    [InlineData("~/run", "{0}/run")]
    [InlineData("--set=a.b=~/c", "--set=a.b=~/c")]
    [InlineData("a~/b", "a~/b")]
    [InlineData("--root=a/~/b", "--root=a/~/b")]
    public void An_argument_has_the_home_folder_where_a_shell_leaves_it_out(string argument, string expected) =>
        Assert.Equal(string.Format(CultureInfo.InvariantCulture, expected, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)), HomeFolder.In(argument));
}
