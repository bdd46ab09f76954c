using System.CommandLine;

namespace Lowbit.Cli.Commands;

/// <summary><c>--root</c>: where datasets are, on this machine.</summary>
static class RootOption
{
    public static Option<string?> Create()
    {
        var root = new Option<string?>("--root") { Description = "The folder of datasets, where it is another one than in the run." };
        root.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string?>())) result.AddError("--root is empty; . is the current folder");
        });
        return root;
    }
}
