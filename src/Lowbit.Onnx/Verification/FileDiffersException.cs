namespace Lowbit.Export.Verification;

/// <summary>A file that was written and run has other integers, or another accuracy, than a file may have.</summary>
/// <param name="message">In which, and by how much.</param>
sealed class FileDiffersException(string message) : LowbitException(message);
