namespace Lowbit.Tests.Data;

/// <summary>Damages files by a seed: bytes changed, parts cut, doubled, moved or made of noise, numbers made extreme.</summary>
static class Mutants
{
    static readonly byte[][] Extremes = [[0, 0, 0, 0], [255, 255, 255, 255], [127, 255, 255, 255], [255, 255, 255, 127], [0, 0, 1, 0], [64, 31, 64, 31], [0, 0, 31, 64]];

    public static byte[] Of(byte[] original, int seed)
    {
        var random = new Random(seed);
        byte[] mutant = [.. original];
        for (int changes = 1 << random.Next(4); changes > 0; changes--) mutant = Changed(mutant, random);
        return mutant;
    }

    static byte[] Changed(byte[] content, Random random)
    {
        if (content.Length < 8) return [.. content, (byte)random.Next(256)];

        // Half of the changes hit the first bytes, where headers are.
        int at = random.Next(random.Next(2) == 0 ? Math.Min(content.Length, 64) : content.Length), end = Math.Min(content.Length, at + 1 + random.Next(64));
        byte[] part = content[at..end];
        switch (random.Next(8))
        {
            case 0:
                content[at] ^= (byte)(1 << random.Next(8));
                return content;
            case 1:
                content[at] = (byte)random.Next(256);
                return content;
            case 2:
                Extremes[random.Next(Extremes.Length)].AsSpan(0, Math.Min(4, content.Length - at)).CopyTo(content.AsSpan(at));
                return content;
            case 3:
                random.NextBytes(content.AsSpan(at, part.Length));
                return content;
            case 4:
                return content[..random.Next(content.Length)];
            case 5:
                return [.. content[..at], .. content[end..]];
            case 6:
                return [.. content[..at], .. part, .. content[at..]];
            default:
                part.CopyTo(content.AsSpan(random.Next(content.Length - part.Length + 1)));
                return content;
        }
    }
}
