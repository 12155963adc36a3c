using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>A guarded action that can be asked for from a page.</summary>
/// <param name="Word">names it in a form: <c>routers</c>, <c>node/node-1</c></param>
/// <param name="Verb">as on the command line: <c>restart</c>, <c>nodes restart</c></param>
/// <param name="Target">on what: <c>routers</c>, <c>node-1</c></param>
public sealed record ActionChoice(string Word, string Verb, string Target)
{
    /// <summary>The same on the command line, as far as the plan.</summary>
    public string Command => $"mainstay {Verb} {Target} --plan";
}

/// <summary>
/// What the actions of a platform act on. The command line has the ones that touch processes; the console is given them
/// and knows no more of them than the engine does. Thread safe.
/// </summary>
public interface IActionSource
{
    /// <summary>What there is to be asked for now; empty where the platform is not known.</summary>
    ImmutableArray<ActionChoice> Choices();

    /// <exception cref="Kernel.StartException">there is no such platform any more</exception>
    IActionScope Open(ActionChoice choice);
}

/// <summary>One action's target and the world around it, with the connections that they use.</summary>
public interface IActionScope : IDisposable
{
    IActionTarget Target { get; }

    IActionWorld World { get; }
}

/// <summary>
/// Nothing can be asked for: the console was not told of a platform whose processes are on its machine.
/// </summary>
public sealed class NoActions : IActionSource
{
    public static readonly NoActions Instance = new();

    public ImmutableArray<ActionChoice> Choices() => [];

    public IActionScope Open(ActionChoice choice) =>
        throw new Kernel.StartException("this console starts no actions", "use 'mainstay restart'");
}
