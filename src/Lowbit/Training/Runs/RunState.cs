namespace Lowbit.Training.Runs;

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>It has come to its end.</summary>
    Done,

    /// <summary>It has not, and no process trains it: it can be continued.</summary>
    Interrupted,

    /// <summary>A process trains it.</summary>
    Running,
}
