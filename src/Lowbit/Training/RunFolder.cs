using System.Globalization;
using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>The folder in which a run leaves what it makes: <c>config.yaml</c>, <c>metrics.csv</c>, <c>health.csv</c>, <c>curve.png</c> and <c>checkpoints/</c>.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunFolder(string Path)
{
    const string Extension = ".safetensors";

    /// <summary>The configuration of the run, every key with its value.</summary>
    public string Configuration => System.IO.Path.Combine(Path, "config.yaml");

    /// <summary>The file that a process holds open while it trains the run.</summary>
    internal string Lock => System.IO.Path.Combine(Path, "run.lock");

    /// <summary>One row an epoch.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.csv");

    /// <summary>One row an epoch and quantized layer or activation; not there for a float network.</summary>
    public string Health => System.IO.Path.Combine(Path, "health.csv");

    /// <summary>Loss and accuracy over the epochs.</summary>
    public string Curve => System.IO.Path.Combine(Path, "curve.png");

    /// <summary>Event files for TensorBoard, unless the configuration puts them elsewhere.</summary>
    public string Tensorboard => System.IO.Path.Combine(Path, "tensorboard");

    /// <summary>The folder of the stages before the last one, each a run of its own; there in a run of stages only.</summary>
    internal string Stages => System.IO.Path.Combine(Path, "stages");

    string StagedOptions => System.IO.Path.Combine(Stages, "run.json");

    /// <summary>The state after the last finished epoch, or where the run was interrupted.</summary>
    public string Latest => Checkpoint("latest");

    /// <summary>The state after the epoch with the best accuracy.</summary>
    public string Best => Checkpoint("best");

    /// <summary>The state kept after an epoch.</summary>
    public string Epoch(int epoch) => Checkpoint(string.Create(CultureInfo.InvariantCulture, $"epoch_{epoch:0000}"));

    /// <summary>A new folder <c>dir/dataset/model_time</c>, or <c>dir/dataset/experiment_name</c>, which no other run has got at the same time.</summary>
    internal static RunLock Create(RunOptions options, string dataset, DateTime now)
    {
        if (options.Checkpoint.ExperimentName is { } given && !FolderNameAttribute.IsValid(given))
            throw new ConfigurationException([$"checkpoint.experiment_name is {Printable.Short(given)}; it must be {FolderNameAttribute.Allowed}"]);
        string name = options.Checkpoint.ExperimentName
            ?? string.Create(CultureInfo.InvariantCulture, $"{ModelNameOf(options)}_{now:yyyy-MM-dd_HH-mm-ss}");
        string path = System.IO.Path.Combine(options.Checkpoint.Dir, dataset, name), free = path;
        for (int i = 2; ; i++)
        {
            if (RunLock.TryCreate(new(free)) is { } created) return created;
            free = $"{path}_{i}";
        }
    }

    /// <summary>What the network of a run is called: the model's name or, where a program gave the graph, that of the run.</summary>
    internal static string ModelNameOf(RunOptions options) => (options as RunConfiguration)?.Model.Name ?? options.Checkpoint.ExperimentName ?? "network";

    /// <summary>The checkpoint that a user means by a file or a run folder: of a folder the latest, or by choice the best where there is one.</summary>
    /// <exception cref="LowbitException">There is no checkpoint.</exception>
    public static string FindCheckpoint(string path, bool preferBest)
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path)) throw new LowbitException($"{path} is not there; give a run folder or a checkpoint file");
        var folder = new RunFolder(path);
        string[] candidates = preferBest ? [folder.Best, folder.Latest] : [folder.Latest, folder.Best];
        if (!candidates.Any(File.Exists) && OfStages(path) is not null)
            throw new LowbitException($"{path} has not come to its last stage: continue it with lowbit train --resume {path}, or give a run of those in {folder.Stages}");
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new LowbitException($"{path} is not the folder of a run: {System.IO.Path.GetRelativePath(path, folder.Latest)} is not in it");
    }

    /// <summary>The run folder that a checkpoint lies in, or null where it lies elsewhere.</summary>
    public static RunFolder? Of(string checkpoint)
    {
        string? run = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(checkpoint)));
        return run is not null && File.Exists(new RunFolder(run).Configuration) ? new(run) : null;
    }

    /// <summary>The run of stages that a user means by its folder, or by a checkpoint of its last stage; null where it is none.</summary>
    public static RunFolder? OfStages(string path)
    {
        RunFolder? folder = File.Exists(path) ? Of(path) : new(System.IO.Path.GetFullPath(path));
        return folder is not null && Directory.Exists(folder.Stages) && File.Exists(folder.Configuration) ? folder : null;
    }

    /// <summary>Writes config.yaml, of which a run is continued, so without what it was continued from.</summary>
    internal void WriteConfiguration(RunOptions options)
    {
        options = options with { Checkpoint = options.Checkpoint with { Resume = null } };
        if (options is RunConfiguration { Quantization.Stages.Count: > 0 })
        {
            FolderOnDisk.Create(Stages);   // by which it is known as a run of stages
            AtomicFile.WriteText(StagedOptions, RunOptionsJson.Write(options));
        }
        AtomicFile.WriteText(Configuration, ConfigurationWriter.Write(options));
    }

    /// <summary>What a run of stages was asked for.</summary>
    /// <exception cref="LowbitException">The file is not there, or cannot be understood.</exception>
    internal RunConfiguration ReadStagedOptions() => File.Exists(StagedOptions) && RunOptionsJson.Read(File.ReadAllText(StagedOptions), StagedOptions) is RunConfiguration asked
        ? asked
        : throw new LowbitException($"{StagedOptions} is not there, which says what the stages of {Path} are; give the folder of a stage, or start a new run with model.pretrained");

    /// <summary>Removes what processes that were killed left of the files that they were writing.</summary>
    internal void RemoveLeftovers()
    {
        foreach (string file in new[] { Configuration, StagedOptions, Metrics, Health, Curve, Checkpoint("*") })
            AtomicFile.RemoveLeftovers(System.IO.Path.GetDirectoryName(file)!, System.IO.Path.GetFileName(file));
    }

    /// <summary>The run that a file belongs to, whether it is there or not: its checkpoints, event files, configuration, metrics and curve; null for others.</summary>
    internal static RunFolder? Holding(string file)
    {
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file));
        if (folder is null) return null;
        var here = new RunFolder(folder);
        if (File.Exists(here.Configuration) && (Directory.Exists(System.IO.Path.GetDirectoryName(here.Latest)) || Directory.Exists(here.Stages)))
            return new[] { here.Configuration, here.Metrics, here.Health, here.Curve }.Any(own => FileIdentity.AreSame(own, file)) ? here : null;
        return Of(file) is { } run && System.IO.Path.GetFileName(folder) is var name
            && (name == System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(run.Latest)) || name == System.IO.Path.GetFileName(run.Tensorboard)) ? run : null;
    }

    string Checkpoint(string name) => System.IO.Path.Combine(Path, "checkpoints", name + Extension);
}
