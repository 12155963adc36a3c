namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// A signal's subject taken apart: <c>service/bank/payments</c> is kind <c>service</c>, name <c>bank/payments</c>.
/// </summary>
internal readonly record struct Subject(string Kind, string Name)
{
    /// <summary>Of a router, agent or node: what follows its name (an object that it tells of) is left out.</summary>
    public string Node => Name.Split('/', 2)[0];

    public static Subject Of(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new Subject(text, "") : new Subject(text[..slash], text[(slash + 1)..]);
    }

    /// <summary>
    /// Whether what <paramref name="cause"/> has may be why <paramref name="effect"/> has something, by where the two
    /// stand alone: shared layers touch all above them, a node what runs on it, a workload what bears its name.
    /// </summary>
    public static bool MayTouch(Subject cause, Subject effect) => cause.Kind switch
    {
        "store" => true,
        "api" => effect.Kind is not "store" && (effect.Kind != "api" || effect.Name == cause.Name),
        "controllers" => effect.Kind is "deployment" or "daemonset" or "pod" or "service",
        "router" => effect.Kind is "service" or "deployment" or "pod" || IsSameNode(cause, effect),
        "node" or "agent" => IsSameNode(cause, effect),
        _ => IsSameWorkload(cause, effect),
    };

    private static bool IsSameNode(Subject cause, Subject effect) =>
        effect.Kind is "router" or "node" or "agent" && cause.Node == effect.Node;

    /// <summary>A pod bears its Deployment's name and more; the Service in front most often has the same.</summary>
    private static bool IsSameWorkload(Subject cause, Subject effect)
    {
        var (one, other) = cause.Name.Length <= effect.Name.Length
            ? (cause.Name, effect.Name)
            : (effect.Name, cause.Name);
        return one.Length > 0 && (one == other || other.StartsWith(one + "-", StringComparison.Ordinal));
    }
}
