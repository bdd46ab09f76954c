using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Lowbit.Configuration;

namespace Lowbit.Cli.Doctor;

/// <summary>The processor, memory and disk of this machine.</summary>
static class Machine
{
    const long GiB = 1L << 30, LittleMemory = 2 * GiB, LittleDisk = GiB;

    public static IEnumerable<Finding> Look()
    {
        yield return new("processor", $"{ProcessorName()}, {Environment.ProcessorCount} threads ({RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()})",
            $"batches are prepared by dataset.num_workers threads, {new DatasetOptions().NumWorkers} by default");
        yield return Vectors();
        yield return new("8-bit products", Products() is { Length: > 0 } instructions ? instructions : "none",
            Products().Length > 0 ? "ONNX Runtime multiplies integers of 8 bits with them" : "integers of 8 bits are not much faster than float in ONNX Runtime", Products().Length > 0 ? Severity.Fine : Severity.Note);
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return new("memory", $"{Size(memory)} for this process{(Available() is { } free ? $", {Size(free)} free" : "")}",
            "a run that needs more is refused at its start", memory < LittleMemory ? Severity.Note : Severity.Fine);
        yield return Disk();
    }

    static Finding Vectors() => Avx512F.IsSupported && Avx512BW.IsSupported ? new("vectors", "AVX-512", "training kernels run at their full width")
        : Avx2.IsSupported && Fma.IsSupported ? new("vectors", "AVX2, FMA", "training kernels run, in vectors of 256 bits")
        : AdvSimd.IsSupported ? new("vectors", "NEON", "training kernels run, in vectors of 128 bits")
        : new("vectors", "neither AVX2 nor NEON", "training kernels are slow; training.use_kernels: false may be faster", Severity.Note);

    /// <summary>What multiplies and adds integers of 8 bits; that with 512 bits .NET does not tell.</summary>
    static string Products() => string.Join(", ", new[]
    {
        AvxVnni.IsSupported || Flags().Contains("avx_vnni") ? "AVX-VNNI" : null,
        Flags().Contains("avx512_vnni") ? "AVX512-VNNI" : null,
        Flags().Contains("amx_int8") ? "AMX" : null,
        Dp.IsSupported ? "dot product" : null,
    }.OfType<string>());

    static Finding Disk()
    {
        string folder = Path.GetFullPath(".");
        try
        {
            long free = new DriveInfo(folder).AvailableFreeSpace;
            return new("disk", $"{Size(free)} free in {folder}", free < LittleDisk ? "too little for datasets and many checkpoints" : "runs are written below it, unless checkpoint.dir says otherwise",
                free < LittleDisk ? Severity.Note : Severity.Fine);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new("disk", $"free space of {folder} is not known: {problem.Message.TrimEnd('.')}", "", Severity.Note);
        }
    }

    static string ProcessorName() => CpuInfo("model name") ?? "a processor without a name";

    static string[] Flags() => CpuInfo("flags")?.Split(' ') ?? [];

    static string? CpuInfo(string key) => FileValue("/proc/cpuinfo", key);

    static long? Available() => FileValue("/proc/meminfo", "MemAvailable")?.Split(' ')[0] is { } kilobytes && long.TryParse(kilobytes, CultureInfo.InvariantCulture, out long value) ? value << 10 : null;

    static string? FileValue(string file, string key) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
        : null;

    static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)GiB:0.0} GiB");
}
