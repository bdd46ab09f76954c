namespace Lowbit.Tests.Training;

/// <summary>Keeps what a run says.</summary>
sealed class Notices : SilentObserver
{
    public List<string> All { get; } = [];

    public override void Notice(string message) => All.Add(message);
}
