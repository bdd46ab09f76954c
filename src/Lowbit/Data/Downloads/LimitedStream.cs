namespace Lowbit.Data;

/// <summary>Reads another stream, and fails where it gives more than it may: a few compressed bytes can become any number.</summary>
sealed class LimitedStream(Stream source, long limit) : Stream
{
    long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">More comes than may.</exception>
    public override int Read(Span<byte> buffer)
    {
        int length = source.Read(buffer);
        read += length;
        return read <= limit ? length : throw new InvalidDataException($"it holds more than {limit} bytes");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }
}
