using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>How a check came out. Unknown is no success: what cannot be seen is not well.</summary>
public enum CheckResult
{
    Success,

    /// <summary>Worth knowing; nothing fails because of it now.</summary>
    Warning,

    Error,

    /// <summary>It could not be seen, and the reason says why.</summary>
    Unknown,
}

/// <summary>One line of <c>mainstay check</c>.</summary>
/// <param name="Description">what should be so, in words that hold when it is</param>
/// <param name="Result">whether it is</param>
public sealed record Check(string Description, CheckResult Result)
{
    /// <summary>What was found; figures for a success, the fault otherwise. The first line says it all.</summary>
    public ImmutableArray<string> Found { get; init; } = [];

    /// <summary>What to do about it; empty for a success.</summary>
    public string Hint { get; init; } = "";

    public static Check Ok(string description, params ImmutableArray<string> found) =>
        new(description, CheckResult.Success) { Found = found };

    public static Check Not(CheckResult result, string description, string hint, params ImmutableArray<string> found) =>
        new(description, result) { Found = found, Hint = hint };
}

/// <summary>Checks that belong together.</summary>
/// <param name="Name">lower case with dashes</param>
public sealed record CheckCategory(string Name, ImmutableArray<Check> Checks);

/// <summary>All that was checked. Success: nothing is wrong and all could be seen; warnings are no failure.</summary>
public sealed record CheckReport(ImmutableArray<CheckCategory> Categories)
{
    public bool Success => Categories.Length > 0 && Categories.All(category =>
        category.Checks.All(check => check.Result is CheckResult.Success or CheckResult.Warning));
}
