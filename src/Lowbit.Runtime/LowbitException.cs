namespace Lowbit;

/// <summary>Something that a user of Lowbit caused or can mend. The message is one sentence to show as it is; the command line prints no stack trace with it. Control characters in it, as a file's name may have them, become escapes.</summary>
public class LowbitException : Exception
{
    /// <summary>An error without a message; prefer the other constructors.</summary>
    public LowbitException()
    {
    }

    /// <summary>An error with its sentence: what is wrong, where, and what is allowed.</summary>
    public LowbitException(string message) : base(Printable.Lines(message))
    {
    }

    /// <summary>An error with its sentence and what caused it.</summary>
    public LowbitException(string message, Exception cause) : base(Printable.Lines(message), cause)
    {
    }
}
