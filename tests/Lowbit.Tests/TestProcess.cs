using System.Runtime.CompilerServices;

namespace Lowbit.Tests;

/// <summary>The process of the tests, set up as a program sets up its own.</summary>
static class TestProcess
{
    [ModuleInitializer]
    internal static void SetUp() => ProcessSettings.Apply();
}
