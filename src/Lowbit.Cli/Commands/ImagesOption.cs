using System.CommandLine;

namespace Lowbit.Cli.Commands;

/// <summary><c>--images</c>: images from a file in the place of the run's dataset.</summary>
static class ImagesOption
{
    public static Option<string?> Create() => new("--images")
    {
        Description = "Images to use in the place of the run's: x [N, C, H, W], pixels of 0 to 255, and labels [N].",
        HelpName = "file.safetensors",
    };
}
