using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Limits and requests of a container. Pure.</summary>
internal static class ResourceRules
{
    /// <summary>Of these more may be promised than there is.</summary>
    private static bool IsOvercommittable(string name) =>
        !name.StartsWith("hugepages-", StringComparison.Ordinal)
        && (!name.Contains('/', StringComparison.Ordinal)
            || name.StartsWith("kubernetes.io/", StringComparison.Ordinal));

    public static void Check(JsonObject resources, FieldPath path, FieldErrors errors)
    {
        var limits = resources.ObjectAt("limits") ?? [];
        foreach (var (name, amount) in limits)
        {
            CheckAmount(name, amount, path.Child("limits").Key(name), errors);
        }

        foreach (var (name, amount) in resources.ObjectAt("requests") ?? [])
        {
            CheckAmount(name, amount, path.Child("requests").Key(name), errors);
            CheckRequest(name, (amount, limits[name]), path, errors);
        }
    }

    /// <summary>Pods ask for what they are limited to, where they do not ask for anything.</summary>
    public static void DefaultRequests(JsonObject container)
    {
        if (container["resources"].ObjectAt("limits") is not { } limits)
        {
            return;
        }

        var requests = container.Ensure("resources").Ensure("requests");
        foreach (var (name, amount) in limits)
        {
            if (!requests.ContainsKey(name))
            {
                requests[name] = amount?.DeepClone();
            }
        }
    }

    private static void CheckRequest(
        string name, (JsonNode? Request, JsonNode? Limit) pair, FieldPath path, FieldErrors errors)
    {
        if (pair.Limit is null)
        {
            if (!IsOvercommittable(name))
            {
                errors.Required(path.Child("limits"), "Limit must be set for non overcommitable resources");
            }

            return;
        }

        var request = Amount(pair.Request);
        var limit = Amount(pair.Limit);
        if (request.Nanos != limit.Nanos && !IsOvercommittable(name))
        {
            errors.Invalid(path.Child("requests"), request.ToString(), $"must be equal to {name} limit");
        }
        else if (request.Nanos > limit.Nanos)
        {
            errors.Invalid(path.Child("requests"), request.ToString(), $"must be less than or equal to {name} limit");
        }
    }

    private static void CheckAmount(string name, JsonNode? amount, FieldPath path, FieldErrors errors)
    {
        foreach (var fault in NameRules.IsQualified(name))
        {
            errors.Invalid(path, name, fault);
        }

        var isKnown = name is "cpu" or "memory" or "ephemeral-storage"
            || name.StartsWith("hugepages-", StringComparison.Ordinal)
            || name.Contains('/', StringComparison.Ordinal);
        if (!isKnown)
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
            errors.Invalid(path, name, "must be a standard resource for containers");
        }

        if (Amount(amount).Sign < 0)
        {
            errors.Invalid(path, amount.AsText(), "must be greater than or equal to 0");
        }
    }

    private static ResourceQuantity Amount(JsonNode? text) =>
        ResourceQuantity.TryParse(text.AsText() ?? "", out var amount) ? amount : default;
}
