using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>Incidents in a terminal.</summary>
public static class IncidentText
{
    public static string Of(IncidentOutcome outcome)
    {
        var incident = outcome.Incident;
        var entry = incident.Entries[^1];
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{entry.Act.ToString().ToLowerInvariant()} {incident.Id}  {IncidentWords.Of(incident.Severity)} "
            + $"{IncidentWords.Of(incident.Status)}, impact {IncidentWords.Of(incident.Impact)}: {incident.Title}\n");
        foreach (var (role, name) in incident.Roles)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {role,-18}{name}\n");
        }

        var posted = incident.Posts.Any(post => post.At == entry.At) ? "posted; " : "";
        text.Append(CultureInfo.InvariantCulture, $"  {"public page",-18}{posted}{outcome.Clock.Sentence}\n");
        if (incident.IsOpen && !incident.Roles.ContainsKey("lead"))
        {
            text.Append("  no lead yet       incident update current --role lead=NAME\n");
        }

        return text.ToString();
    }

    public static string Receipts(IncidentOutcome outcome)
    {
        var text = new StringBuilder();
        foreach (var receipt in outcome.Receipts)
        {
            var state = receipt.Waits ? "waits; the console tries again" : receipt.State.Replace('-', ' ');
            var tries = receipt.Tries > 1 ? $", {receipt.Tries} tries" : "";
            var result = receipt.Result.Length > 0 ? $" ({receipt.Result}{tries})" : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {receipt.Webhook,-18}{receipt.Kind} {receipt.Host}: {state}{result}\n");
        }

        foreach (var warning in outcome.Warnings)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {"warning",-18}{warning}\n");
        }

        return text.ToString();
    }

    public static string List(ImmutableArray<Incident> incidents, Func<Incident, CommsClock> clockOf)
    {
        if (incidents.Length == 0)
        {
            return "no incident was ever declared\n";
        }

        var text = new StringBuilder();
        foreach (var incident in incidents)
        {
            var end = incident.ResolvedAt is { } at ? $"to {IncidentWords.Utc(at)}" : clockOf(incident).Sentence;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{incident.Id}  {IncidentWords.Of(incident.Severity)}  {IncidentWords.Of(incident.Status),-13}  "
                + $"{IncidentWords.Utc(incident.StartedAt)}  {incident.Title}  ({end})\n");
        }

        return text.ToString();
    }
}
