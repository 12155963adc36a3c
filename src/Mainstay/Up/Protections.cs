namespace Mainstay.Up;

/// <summary>
/// What <c>up --without</c> can switch off, and whose it is: each part takes the names that are its own.
/// </summary>
internal static class Protections
{
    /// <summary>The router's.</summary>
    public static readonly IReadOnlyList<string> OfRouters =
        ["tolerance", "snapshot", "freshness", "brake", "fallback"];

    /// <summary>The controllers'.</summary>
    public static readonly IReadOnlyList<string> OfControllers = ["gate"];

    public static readonly IReadOnlyList<string> All = [.. OfRouters, .. OfControllers];

    /// <summary>The words that tell a part which of its protections are off; none where all are on.</summary>
    public static IEnumerable<string> Words(IReadOnlyList<string> without, IReadOnlyList<string> own)
    {
        var off = own.Where(name => without.Contains(name, StringComparer.Ordinal)).ToList();
        return off.Count == 0 ? [] : ["--without", string.Join(',', off)];
    }
}
