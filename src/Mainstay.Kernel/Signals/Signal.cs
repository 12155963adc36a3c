using System.Collections.Immutable;

namespace Mainstay.Kernel.Signals;

/// <summary>How much a signal asks of a person.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nobody needs to act.</summary>
    Info,

    /// <summary>A promise is weakened; act in working hours.</summary>
    Warning,

    /// <summary>Calls fail or soon will; act now.</summary>
    Critical,
}

/// <summary>One kind of condition. All of them stand in <see cref="SignalCatalog"/>.</summary>
/// <param name="Name">lower case with dashes, never changed: alerts and scripts rely on it</param>
/// <param name="Severity">how bad it is</param>
/// <param name="Promise">the promise of the platform that it threatens, 1 to 6</param>
/// <param name="Meaning">one sentence: what is the case</param>
/// <param name="Advice">what to do, in the imperative</param>
public sealed record SignalDefinition(string Name, Severity Severity, int Promise, string Meaning, string Advice)
{
    /// <summary>Names of signals that, while active, are the cause of this one; the nearest cause first.</summary>
    public ImmutableArray<string> ExplainedBy { get; init; } = [];
}

/// <summary>A figure or a fact that a signal rests on.</summary>
/// <param name="Name">camelCase, unit last, such as <c>ageSeconds</c></param>
/// <param name="Value">as text, in the invariant culture</param>
public sealed record Evidence(string Name, string Value);

/// <summary>An object of the Kubernetes API; the namespace is empty for one of the whole cluster.</summary>
public sealed record ObjectReference(string Kind, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>What is seen now of one signal and one subject.</summary>
/// <param name="Summary">one sentence with the figures in it, for a person</param>
public sealed record SignalReading(string Summary)
{
    public ImmutableArray<Evidence> Evidence { get; init; } = [];

    /// <summary>The object at fault, where there is one.</summary>
    public ObjectReference? Culprit { get; init; }

    /// <summary>
    /// Subjects of other signals that cause this one, where that is known: <c>api/https://10.0.0.1:6443</c>. Its own
    /// subject says that the evidence rules out any other cause.
    /// </summary>
    public ImmutableArray<string> CausedBy { get; init; } = [];
}

/// <summary>A condition that holds now.</summary>
/// <param name="Definition">which kind</param>
/// <param name="Subject">
/// who has it, as <c>KIND/NAME</c>: <c>router/node-1</c>, <c>api/https://127.0.0.1:6443</c>,
/// <c>service/bank/payments</c>, <c>node/node-1</c>, <c>store</c>, <c>deployment/bank/payments</c>,
/// <c>pod/bank/payments-x</c>
/// </param>
/// <param name="Since">when it was first seen in this spell</param>
/// <param name="Reading">the figures, as last seen</param>
public sealed record Signal(SignalDefinition Definition, string Subject, DateTimeOffset Since, SignalReading Reading)
{
    public string Name => Definition.Name;

    public Severity Severity => Definition.Severity;
}

/// <summary>How far the heartbeat got at one hop of the way of a change.</summary>
/// <param name="Name">the hop as a subject: <c>api/URL</c>, <c>router/node-1</c>, <c>controllers</c></param>
/// <param name="Via">the hop before it, as a subject; empty for the first</param>
/// <param name="Sequence">the last sequence seen; -1 when none was</param>
/// <param name="Age">time on this process's own clock since the sequence last advanced; null when it never did</param>
public sealed record Hop(string Name, string Via, long Sequence, TimeSpan? Age);
