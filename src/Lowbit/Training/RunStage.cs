using Lowbit.Configuration;

namespace Lowbit.Training;

/// <summary>What makes a run a stage of a longer one.</summary>
/// <param name="Title">Which one, as in "stage 2 of 3 (8 bits)".</param>
/// <param name="Run">The folder of the whole run.</param>
/// <param name="Hold">The folder that the stage writes into.</param>
/// <param name="Written">What its config.yaml says.</param>
/// <param name="EarlierEpochs">Epochs of the stages before it; its own are counted from there on.</param>
/// <param name="Earlier">Their results.</param>
sealed record RunStage(string Title, RunFolder Run, RunLock Hold, RunConfiguration Written, int EarlierEpochs, IReadOnlyList<EpochResult> Earlier);
