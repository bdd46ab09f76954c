using System.Diagnostics;
using System.Text.RegularExpressions;
using Lowbit.Tests;
using Xunit;

namespace Lowbit.Cli.Tests;

/// <summary>The packages as their users meet them: from an empty folder, with nothing of this repository beside it.</summary>
public sealed partial class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void A_console_program_trains_and_exports_with_the_packages_and_a_libtorch_of_its_choice()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Bars.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{packages.Feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Lowbit.Onnx" Version="{Packages.Version}" />
                <PackageReference Include="libtorch-cpu-{Platform}" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("Program.cs", $$"""
            using Lowbit;
            using Lowbit.Configuration;
            using Lowbit.Data;
            using Lowbit.Export;
            using Lowbit.Graphs;
            using Lowbit.Networks;
            using Lowbit.Training;

            string runs = "runs", onnx = "bars.onnx";
            var (pixels, labels) = Bars(160);
            var (testPixels, testLabels) = Bars(64);
            {{Block.Match(File.ReadAllText(Repository.PathOf("README.md"))).Groups[1].Value}}
            Console.WriteLine($"accuracy {evaluation.Score.Top1 >= 0.9}");

            static (byte[] Pixels, byte[] Labels) Bars(int count)
            {
                byte[] pixels = new byte[count * 64], labels = new byte[count];
                for (int i = 0; i < count; i++)
                {
                    labels[i] = (byte)(i % 2);
                    for (int p = 0; p < 8; p++) pixels[i * 64 + (i % 2 == 0 ? p * 8 + i / 2 % 8 : i / 2 % 8 * 8 + p)] = 255;
                }
                return (pixels, labels);
            }
            """);

        string output = packages.Dotnet(folder.Path, "run");

        Assert.EndsWith("accuracy True", output.TrimEnd());
        Assert.True(File.Exists(folder.PathOf("bars.onnx")));
        Assert.True(File.Exists(folder.PathOf("runs", "bars", "bars_w4a4", "metrics.csv")));
        AssertWeakened(folder.PathOf("bin"));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void The_tool_is_installed_with_its_libtorch_and_trains_the_quickstart()
    {
        using var folder = new TemporaryFolder();
        packages.Dotnet(folder.Path, "tool", "install", "Lowbit.Tool", "--version", Packages.Version, "--add-source", packages.Feed, "--tool-path", "tools");
        string quickstart = folder.Write("quickstart.yaml", File.ReadAllText(Repository.PathOf("configs/quickstart.yaml")));

        string output = packages.Run(folder.PathOf("tools", "lowbit"), folder.Path, "train", quickstart, "--set", "checkpoint.experiment_name=first", "--set", "training.epochs=2");

        Assert.Contains("All 2 epochs are trained", output);
        Assert.Contains("Where random numbers start", packages.Run(folder.PathOf("tools", "lowbit"), folder.Path, "config", "schema"));
        Assert.Matches(@"^lowbit \S+ \(commit [0-9a-f]{10}\)\n$", packages.Run(folder.PathOf("tools", "lowbit"), folder.Path, "--version"));
        AssertWeakened(folder.PathOf("tools"));
    }

    [Fact(Skip = LongTests.GateReason, SkipUnless = nameof(LongTests.AreWantedInTheGate), SkipType = typeof(LongTests))]
    public void Packages_hold_a_readme_and_no_path_of_the_packing_machine()
    {
        foreach (string file in Directory.GetFiles(packages.Feed, "Lowbit*.nupkg").Where(file => new FileInfo(file).Length < 10_000_000))
        {
            using var package = System.IO.Compression.ZipFile.OpenRead(file);
            if (!Path.GetFileName(file).StartsWith("Lowbit.Tool", StringComparison.Ordinal)) Assert.Contains(package.Entries, entry => entry.FullName == "README.md");
            foreach (var entry in package.Entries.Where(entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal)))
            {
                using var content = new MemoryStream();
                using (Stream stream = entry.Open()) stream.CopyTo(content);
                Assert.Equal(-1, content.ToArray().AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Repository.Root)));
            }
        }
    }

    static string Platform => OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

    /// <summary>On Linux TorchSharp's library differs in the one byte that lets it load on systems with an older libstdc++, whatever this one has.</summary>
    static void AssertWeakened(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        string own = Directory.GetFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories)[0];
        foreach (string copy in Directory.GetFiles(folder, "libLibTorchSharp.so", SearchOption.AllDirectories)) Assert.Equal(File.ReadAllBytes(own), File.ReadAllBytes(copy));
        string original = Path.Combine(Packages.Cache, "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.Equal(1, File.ReadAllBytes(original).Zip(File.ReadAllBytes(own)).Count(pair => pair.First != pair.Second));
    }

    /// <summary>All packages, packed once.</summary>
    public sealed class Packages : IDisposable
    {
        public const string Version = "0.1.0-test";

        readonly TemporaryFolder folder = new();

        public Packages()
        {
            if (LongTests.AreWantedInTheGate) Dotnet(Repository.Root, "pack", "-c", "Release", "-p:Version=" + Version, "-o", Feed, "--artifacts-path", folder.PathOf("artifacts"));
        }

        /// <summary>Where NuGet has the packages of this machine.</summary>
        public static string Cache { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        public string Feed => folder.PathOf("feed");

        public void Dispose() => folder.Dispose();

        public string Dotnet(string place, params string[] arguments) => Run("dotnet", place, arguments);

        public string Run(string program, string place, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = place, RedirectStandardOutput = true, RedirectStandardError = true };
            // The packages under test stay out of this machine's cache, which would keep them under their version.
            if (place != Repository.Root) (start.Environment["NUGET_PACKAGES"], start.Environment["RestoreFallbackFolders"]) = (folder.PathOf("cache"), Cache);
            foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(inherited);
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{errors.Result}");
            return output;
        }
    }
}
