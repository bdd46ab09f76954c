namespace Lowbit.Data;

/// <summary>
/// Moves an image by up to <paramref name="Padding"/> pixels each way, black coming in from outside, and mirrors it half of the time. He et al. 2015,
/// "Deep Residual Learning for Image Recognition", section 4.2.
/// </summary>
sealed record Augmentation(DatasetInfo Info, int Padding, bool Flip)
{
    /// <summary>Writes a moved and mirrored copy of an image.</summary>
    public void Apply(ReadOnlySpan<byte> image, Span<byte> moved, ref SeededRandom random)
    {
        int down = random.Next(2 * Padding + 1) - Padding, right = random.Next(2 * Padding + 1) - Padding;
        bool mirrored = Flip && random.Next(2) == 1;
        int pixel = Info.Channels, row = Info.Width * pixel;
        moved.Clear();
        for (int y = Math.Max(0, -down); y < Math.Min(Info.Height, Info.Height - down); y++)
        {
            int from = Math.Max(0, right), to = Math.Max(0, -right), width = Info.Width - Math.Abs(right);
            ReadOnlySpan<byte> source = image.Slice((y + down) * row + from * pixel, width * pixel);
            Span<byte> target = moved.Slice(y * row, row);
            source.CopyTo(target[(to * pixel)..]);
            if (mirrored) Mirror(target, pixel);
        }
    }

    static void Mirror(Span<byte> row, int pixel)
    {
        row.Reverse();
        for (int at = 0; at < row.Length; at += pixel) row.Slice(at, pixel).Reverse();
    }
}
