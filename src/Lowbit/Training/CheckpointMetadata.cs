using System.Globalization;
using System.Text.Json;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using static TorchSharp.torch;

namespace Lowbit.Training;

/// <summary>What a checkpoint says beside its tensors, each part held to what a run can have written.</summary>
/// <param name="path">The checkpoint, for messages.</param>
/// <param name="text">The metadata of the file.</param>
sealed class CheckpointMetadata(string path, IReadOnlyDictionary<string, string> text)
{
    static readonly JsonSerializerOptions Whole = new() { RespectRequiredConstructorParameters = true };

    const int LongestConfiguration = 1 << 20, LongestJson = 1 << 24, LargestImage = 1 << 14, MostClasses = 1_000_000;

    /// <summary>The options: versioned JSON or, in files of Lowbit 0.1, the configuration as YAML, absent keys having the defaults of that version.</summary>
    public RunOptions Options => text.TryGetValue("options", out string? json) ? RunOptionsJson.Read(Bounded(json, "options"), path) : Configuration01;

    RunConfiguration Configuration01
    {
        get
        {
            string yaml = Text("configuration");
            if (yaml.Length > LongestConfiguration) throw Refused("its configuration is longer than 1 MiB");
            try
            {
                return Configuration.Configuration01.Read(yaml);
            }
            catch (ConfigurationException problem)
            {
                throw Refused($"its configuration is not one: {Printable.Short(problem.Errors[0], longest: 1000)}", problem);
            }
        }
    }

    /// <summary>The network: versioned JSON or, in files of Lowbit 0.1, what the configuration names.</summary>
    public Graph GraphFor(RunOptions options, DatasetInfo dataset) =>
        text.TryGetValue("graph", out string? json) ? GraphJson.Read(Bounded(json, "graph"), path)
        : options is RunConfiguration configuration && !text.ContainsKey("options") ? ConfiguredModel.Build(configuration, dataset)
        : throw new LowbitException($"{path} is not a checkpoint of Lowbit: it does not say its graph");

    public DatasetInfo Dataset
    {
        get
        {
            DatasetInfo data = Json<DatasetInfo>("dataset");
            Expect("dataset", data.Name is not null && data.Channels is 1 or 3, "names no dataset of 1 or 3 channels");
            Expect("dataset", data.Height is >= 1 and <= LargestImage && data.Width is >= 1 and <= LargestImage, $"has images of {data.Height} x {data.Width} pixels");
            Expect("dataset", data.Classes is { Count: >= 1 and <= MostClasses } && data.Classes.All(name => name is not null), "has no list of classes");
            Expect("dataset", data.Mean?.Count == data.Channels && data.Mean.All(float.IsFinite), "has not one mean a channel");
            Expect("dataset", data.Std?.Count == data.Channels && data.Std.All(value => value > 0 && float.IsFinite(value)), "has not one deviation above 0 a channel");
            return data;
        }
    }

    public RunPosition Position
    {
        get
        {
            RunPosition position = Json<RunPosition>("position");
            Expect("position", position is { Epoch: >= 0, Batch: >= 0, BestEpoch: >= 0 } && position.BestEpoch <= position.Epoch, "counts epochs or batches that cannot be");
            Expect("position", position.EarlierEpochs >= 0 && position.EarlierEpochs <= position.Epoch, "counts more epochs of earlier stages than epochs");
            Expect("position", position.Best is null or (>= 0 and <= 1), "has a best accuracy that is not 0 to 1");
            return position;
        }
    }

    public string Schedule => Text("schedule");

    /// <summary>The images in the sums of an unfinished epoch, which are there if and only if there are such images.</summary>
    public long RequireImages(Tensor? sums, int classes)
    {
        if (!long.TryParse(Text("epoch_images"), NumberStyles.None, CultureInfo.InvariantCulture, out long images)) throw Refused("its epoch_images is not a number");
        int expected = ScoreSum.LengthFor(classes);
        if (images > 0 != sums is not null) throw Refused("its epoch_images does not go with the sums of an epoch");
        if (sums is not null && !(sums.dtype == ScalarType.Float64 && sums.shape.SequenceEqual([expected])))
            throw Refused($"the sums of its epoch are not {expected} numbers in double precision");
        return images;
    }

    string Bounded(string json, string key) => json.Length <= LongestJson ? json : throw Refused($"its {key} is longer than {LongestJson >> 20} MiB");

    string Text(string key) => text.GetValueOrDefault(key) ?? throw new LowbitException($"{path} is not a checkpoint of Lowbit: it does not say its {key}");

    T Json<T>(string key) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text(key), Whole) ?? throw Refused($"its {key} says nothing");
        }
        catch (JsonException problem)
        {
            throw Refused($"its {key} cannot be understood", problem);
        }
    }

    void Expect(string key, bool holds, string otherwise)
    {
        if (!holds) throw Refused($"its {key} {otherwise}");
    }

    LowbitException Refused(string reason, Exception? cause = null) => new($"{path} is not a checkpoint of this version of Lowbit: {reason}", cause!);
}
