using Lowbit.Tests.Data;
using Lowbit.Training;
using Lowbit.Training.Health;
using Xunit;

namespace Lowbit.Tests.Training.Health;

public sealed class HealthFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_again_up_to_the_last_finished_epoch()
    {
        LayerHealth weights = new("a \"b\", c", QuantizedPart.Weights, 1, 1.5e-8, 0.25, null, 0, 64, 3), activations = new("q", QuantizedPart.Activations, 8, 1, 1, 0.125, 0.5, 3, 0);
        LayerHealth later = weights with { Changed = 0.5, Flipped = 0.25 };
        HealthFile.Write(folder["health.csv"], [Epoch(1, weights, activations), Epoch(2, later), Epoch(3, later)]);

        var read = HealthFile.Read(folder["health.csv"], epochs: 2);

        Assert.Equal([weights, activations], read[1]);
        Assert.Equal([later], read[2]);
        Assert.Equal(2, read.Count);
    }

    [Fact]
    public void Rows_are_cells_under_one_header()
    {
        HealthFile.Write(folder["health.csv"], [Epoch(1, new LayerHealth("conv1", QuantizedPart.Weights, 2, 0.5, 0.25, 0.75, 0.125, 64, 1))]);
        Assert.Equal(
            ["epoch,node,part,bits,scale,smallest_scale,clipped,zero,channels,dead_channels,changed,flipped", "1,conv1,weights,2,0.5,0.25,0.75,0.125,64,1,,"],
            File.ReadAllLines(folder["health.csv"]));
    }

    [Fact]
    public void A_float_network_leaves_no_file()
    {
        HealthFile.Write(folder["health.csv"], [Epoch(1)]);
        Assert.False(File.Exists(folder["health.csv"]));
        Assert.Empty(HealthFile.Read(folder["health.csv"], 1));
    }

    [Theory]
    [InlineData("1,conv1")]
    [InlineData("x,conv1,weights,2,0.5,0.25,0.75,0.125,64,1,,")]
    [InlineData("1,conv1,bias,2,0.5,0.25,0.75,0.125,64,1,,")]
    [InlineData("1,conv1,weights,2,,0.25,0.75,0.125,64,1,,")]
    [InlineData("1,\"conv1,weights,2,0.5,0.25,0.75,0.125,64,1,,")]
    [InlineData("")]
    public void Rows_that_no_run_wrote_are_refused_with_a_sentence(string row)
    {
        File.WriteAllText(folder["health.csv"], "epoch\n" + row + "\n");
        Assert.Contains("is not a file of a run's layers", Assert.Throws<LowbitException>(() => HealthFile.Read(folder["health.csv"], 10)).Message);
    }

    static EpochResult Epoch(int epoch, params LayerHealth[] layers) => new(epoch, 0.1, new(1, 1, null), null, null, 1, 1, 1, 1) { Health = layers };
}
