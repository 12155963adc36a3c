using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Mainstay.Kernel;

/// <summary>
/// A statement that only a bug can make false. On in every build: a process that has lost an invariant must stop
/// before it writes. Expected outcomes are returned, and what the world does wrong is an exception: neither comes here.
/// Thread safe.
/// </summary>
public static class Invariant
{
    /// <param name="holds">what must be true</param>
    /// <param name="statement">the same in words, such as "revisions grow"</param>
    [StackTraceHidden]
    public static void That([DoesNotReturnIf(false)] bool holds, string statement)
    {
        if (!holds)
        {
            throw new InvariantException(statement);
        }
    }
}

/// <summary>A bug of ours: never caught to be handled, only at the outermost edge to be reported.</summary>
public sealed class InvariantException(string statement) : Exception($"invariant broken: {statement}");
