using System.Text;

namespace Lowbit.Cli;

/// <summary>Writes as long as that is possible; from the first failure on it drops what it is given.</summary>
/// <param name="inner">Where to; null where there is nothing to write to.</param>
sealed class DroppingWriter(TextWriter? inner) : TextWriter
{
    /// <summary>Why text was dropped; null where all of it was written.</summary>
    public string? Problem { get; private set; }

    public override Encoding Encoding => inner?.Encoding ?? Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Problem is not null) return;
        if (inner is null)
        {
            Problem = "it is closed";
            return;
        }
        try
        {
            inner.Write(buffer);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Problem = problem.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }

    public override void Flush()
    {
        // What is below flushes with every write.
    }
}
