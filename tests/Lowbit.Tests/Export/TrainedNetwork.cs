using Lowbit.Configuration;
using Lowbit.Data;
using Lowbit.Graphs;
using Lowbit.Networks;
using Lowbit.Training;
using static TorchSharp.torch;

namespace Lowbit.Tests.Export;

/// <summary>A network that was trained for a few steps on digits, so that scales, statistics and weights are no longer what they began as.</summary>
sealed class TrainedNetwork : IDisposable
{
    TrainedNetwork(Network network, Tensor images, Tensor labels) => (Network, Images, Labels) = (network, images, labels);

    public Network Network { get; }

    /// <summary>Raw test images, [N, C, H, W].</summary>
    public Tensor Images { get; }

    public Tensor Labels { get; }

    /// <summary>Trains the model of a configuration, whose dataset is digits.</summary>
    /// <param name="model">Keys of its section model.</param>
    /// <param name="quantization">Keys of its section quantization; null for a float model.</param>
    /// <param name="imageSize">Height and width of the images.</param>
    /// <param name="steps">Training steps, of 32 images.</param>
    /// <param name="images">Test images to keep, from the first on.</param>
    public static TrainedNetwork Of(string model, string? quantization, int imageSize, int steps = 4, int images = 256)
    {
        RunConfiguration configuration = ConfigurationReader.Parse($$"""
            dataset: { name: digits, image_size: {{imageSize}}, num_workers: 1, augment: false }
            model: { {{model}} }
            {{(quantization is null ? "" : $"quantization: {{ collect_stats_steps: {Math.Max(1, steps / 2)}, {quantization} }}")}}
            """, "test").Configuration;
        return Of(data => ConfiguredModel.Build(configuration, data), ConfiguredModel.ImagesFor(configuration), steps, images);
    }

    /// <summary>Trains a model for the images of a dataset.</summary>
    public static TrainedNetwork Of(Func<DatasetInfo, Graph> model, DatasetOptions dataset, int steps, int images)
    {
        using DatasetSplits data = Datasets.Open(dataset);
        random.manual_seed(1);
        var network = new Network(model(data.Info));
        using (var optimizer = Optimizer.Create(network, new() { Name = OptimizerKind.Adam, LearningRate = 0.003 }))
        using (var sum = new ScoreSum())
            new Trainer(network, Losses.Create(new()), optimizer)
                .Train(data.TrainingLoader(32, seed: 1).Epoch(0).Take(steps), 0, steps, _ => 0.003, sum, (_, _) => { }, CancellationToken.None);
        Settle(network, data);
        using Batch batch = data.EvaluationLoader(data.Test, images).Epoch(0).First();
        return new(network, batch.Images.clone(), batch.Labels.clone());
    }

    /// <summary>A few passes more, so that the running statistics are those of the weights: otherwise most activations are 0 in evaluation.</summary>
    static void Settle(Network network, DatasetSplits data)
    {
        using var _ = no_grad();
        network.FinishStatistics();
        foreach (Batch batch in data.TrainingLoader(16, seed: 2).Epoch(0).Take(30))
            using (batch) network.forward(batch.Images).Dispose();
        network.eval();
    }

    public void Dispose()
    {
        Network.Dispose();
        Images.Dispose();
        Labels.Dispose();
    }
}
