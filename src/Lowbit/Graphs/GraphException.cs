namespace Lowbit.Graphs;

/// <summary>A network that cannot exist: a node that does not fit its input, a name used twice, an input that is not there.</summary>
public sealed class GraphException : LowbitException
{
    /// <summary>An error without a message; prefer the other constructors.</summary>
    public GraphException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public GraphException(string message) : base(message)
    {
    }

    /// <summary>An error with its sentence and what caused it.</summary>
    public GraphException(string message, Exception cause) : base(message, cause)
    {
    }
}
