using System.Security.Cryptography;
using System.Text;
using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Lowbit.Training;

/// <summary>
/// Learns from the answers of a trained network beside the labels: (1 - a) loss + a T^2 KL(softmax(z / T) || softmax(y / T)), the mean over the images of a batch, with the logits z of the teacher
/// and y of the network. Hinton et al. 2015, "Distilling the Knowledge in a Neural Network".
/// </summary>
sealed class Distillation : ITrainingTechnique
{
    const string IdentityName = "distillation.teacher";

    readonly DistillationOptions options;
    readonly Network teacher;
    readonly Tensor identity;

    Distillation(DistillationOptions options, Network teacher)
    {
        (this.options, this.teacher) = (options, teacher);
        identity = tensor(Identity(teacher), dtype: uint8).DetachFromDisposeScope();
        teacher.eval();
    }

    /// <summary>The teacher that the options name; null where they name none.</summary>
    /// <param name="options">The options.</param>
    /// <param name="graph">The network that is to learn.</param>
    /// <param name="data">The images to learn from.</param>
    /// <exception cref="LowbitException">The teacher is not there, or takes other images or gives other classes.</exception>
    public static Distillation? Of(DistillationOptions options, Graph graph, DatasetInfo data)
    {
        if (options.Teacher is not { } path) return null;
        try
        {
            using Checkpoint checkpoint = Checkpoint.Read(RunFolder.FindCheckpoint(path, preferBest: true));
            RequireFits(checkpoint, graph, data);
            return new(options, checkpoint.BuildNetwork()) { Notice = $"The run learns from {checkpoint.Path} ({checkpoint.ModelName})" };
        }
        catch (LowbitException problem)
        {
            throw new LowbitException($"distillation.teacher: {problem.Message}", problem);
        }
    }

    /// <summary>What a user should know before training.</summary>
    public required string Notice { get; init; }

    static void RequireFits(Checkpoint checkpoint, Graph graph, DatasetInfo data)
    {
        if (checkpoint.Graph.Input.Shape != graph.Input.Shape)
            throw new LowbitException($"{checkpoint.Path} takes images of {checkpoint.Graph.Input.Shape}, and this run has images of {graph.Input.Shape}; give a network that was trained on such images");
        Shape theirs = checkpoint.Graph.ShapeOf(checkpoint.Graph.Output.Name), ours = graph.ShapeOf(graph.Output.Name);
        if (theirs != ours)
            throw new LowbitException($"{checkpoint.Path} gives logits for {theirs.Channels} classes, and the network of this run for {ours.Channels}; give a network that was trained with the same classes");
        ClassLists.RequireSame(checkpoint.Dataset, data, checkpoint.Path);
    }

    /// <inheritdoc/>
    public void Begin(Network network) => teacher.MoveTo(network.Device);

    /// <inheritdoc/>
    public Tensor LossOf(Tensor loss, Tensor images, Tensor logits)
    {
        Tensor divergence = F.kl_div(Softened(logits), AnswersTo(images), log_target: true, nn.Reduction.Sum);
        double factor = options.Weight * options.Temperature * options.Temperature / logits.shape[0];
        return (loss * CachedScalar.Of(1 - options.Weight)).add(divergence, alpha: CachedScalar.Of(factor));
    }

    /// <summary>The logarithms of the teacher's probabilities, to which no gradient goes.</summary>
    Tensor AnswersTo(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return Softened(teacher.forward(images)).MoveToOuterDisposeScope();
    }

    Tensor Softened(Tensor logits) => F.log_softmax(logits / CachedScalar.Of(options.Temperature), 1);

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State => [(IdentityName, identity)];

    /// <summary>Refuses to go on with another teacher than the run began with.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> state, string source)
    {
        if (!state.TryGetValue(IdentityName, out Tensor? began)) throw new LowbitException($"{source} does not say which network its run learns from; continue from another checkpoint");
        if (!began.bytes.SequenceEqual(identity.bytes))
            throw new LowbitException($"distillation.teacher is {options.Teacher}, which holds another network than the run of {source} has learned from so far; give the checkpoint that it began with, or start a new run");
    }

    /// <summary>SHA-256 of the graph and of every tensor.</summary>
    static byte[] Identity(Network network)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(GraphJson.Write(network.Graph)));
        foreach (var (name, tensor) in network.State)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().contiguous().bytes);
        }
        return hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        teacher.Dispose();
        identity.Dispose();
    }
}
