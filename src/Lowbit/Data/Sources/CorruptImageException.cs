namespace Lowbit.Data;

/// <summary>An image that cannot be read. The message names it.</summary>
public sealed class CorruptImageException : LowbitException
{
    /// <summary>An error without a message; prefer the other constructors.</summary>
    public CorruptImageException()
    {
    }

    /// <summary>An error with its sentence, which names the image.</summary>
    public CorruptImageException(string message) : base(message)
    {
    }

    /// <summary>An error with its sentence, which names the image, and what caused it.</summary>
    public CorruptImageException(string message, Exception cause) : base(message, cause)
    {
    }
}
