namespace Lowbit.Training;

/// <summary>Tells nobody.</summary>
sealed class NoObserver : ITrainingObserver;
