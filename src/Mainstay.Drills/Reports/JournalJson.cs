using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills.Reports;

/// <summary>
/// The journal of a run, in the shape that Chaos Toolkit writes: the experiment, its steady state before and after,
/// each activity with its times. What Chaos Toolkit has no place for stands under <c>mainstay</c>.
/// </summary>
internal static class JournalJson
{
    public static string Of(DrillRecord record, ImmutableArray<Check> checks)
    {
        var met = checks.All(check => check.Holds);
        var journal = new JsonObject
        {
            ["experiment"] = Experiment(record),
            ["start"] = Time(record, 0),
            ["status"] = "completed",
            ["deviated"] = !met,
            ["steady_states"] = new JsonObject
            {
                ["before"] = SteadyState(record, 0, record.Step("deploy")?.Begins ?? record.Seconds),
                ["after"] = SteadyState(record, Math.Max(0, record.Seconds - 5), record.Seconds),
            },
            ["run"] = List(record.Steps, step => Run(record, step)),
            ["rollbacks"] = new JsonArray(),
            ["end"] = Time(record, record.Seconds),
            ["duration"] = Math.Round(record.Seconds, 1),
            ["mainstay"] = Ours(record, checks),
        };
        return journal.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Experiment(DrillRecord record) => new()
    {
        ["title"] = $"{record.Name}: {record.Title}",
        ["description"] = record.Description,
        ["tags"] = new JsonArray("mainstay", Headline.Mode(record)),
        ["steady-state-hypothesis"] = new JsonObject
        {
            ["title"] = "every journey of the customers is answered",
            ["probes"] = List(Journey.All, Probe),
        },
        ["method"] = List(record.Steps, Activity),
        ["rollbacks"] = new JsonArray(),
    };

    private static JsonObject Probe(Journey journey) => new()
    {
        ["type"] = "probe",
        ["name"] = journey.Name,
        ["tolerance"] = new JsonObject { ["type"] = "range", ["range"] = new JsonArray(CommonChecks.WellAbove, 1.0) },
        ["provider"] = new JsonObject { ["type"] = "http", ["url"] = "http://customers.bank/report" },
    };

    private static JsonObject Activity(StepRecord step) => new()
    {
        ["type"] = step.Kind == StepKind.Look ? "probe" : "action",
        ["name"] = step.Id,
        ["provider"] = new JsonObject { ["type"] = "process", ["path"] = "mainstay", ["arguments"] = step.Title },
    };

    private static JsonObject Run(DrillRecord record, StepRecord step) => new()
    {
        ["activity"] = Activity(step),
        ["output"] = step.Outcome,
        ["status"] = record.InVain.Contains(step.Id) ? "failed" : "succeeded",
        ["start"] = Time(record, step.Begins),
        ["end"] = Time(record, step.Ends),
        ["duration"] = Math.Round(step.Ends - step.Begins, 1),
        ["story_time"] = step.At,
        ["second"] = Math.Round(step.Begins, 1),
    };

    private static JsonObject SteadyState(DrillRecord record, double begins, double ends)
    {
        var phase = new Phase("", begins, ends);
        var success = Journey.All.Select(journey => (journey, Share: phase.Success(record, journey.Name))).ToList();
        return new JsonObject
        {
            ["steady_state_met"] = success.All(item => item.Share >= CommonChecks.WellAbove),
            ["probes"] = List(success, item => new JsonObject
            {
                ["activity"] = Probe(item.journey),
                ["output"] = item.Share is { } share ? Math.Round(share, 4) : null,
                ["status"] = item.Share is null ? "failed" : "succeeded",
                ["tolerance_met"] = item.Share >= CommonChecks.WellAbove,
            }),
        };
    }

    private static JsonObject Ours(DrillRecord record, ImmutableArray<Check> checks) => new()
    {
        ["without"] = List(record.Without, name => JsonValue.Create(name)),
        ["short"] = record.IsShort,
        ["stage"] = record.Stage,
        ["checks"] = List(checks, check => new JsonObject
        {
            ["title"] = check.Title, ["holds"] = check.Holds, ["measured"] = check.Measured,
        }),
        ["faults"] = List(record.Faults, fault => new JsonObject
        {
            ["id"] = fault.Id,
            ["title"] = fault.Title,
            ["begins"] = Math.Round(fault.Begins, 1),
            ["ends"] = Math.Round(fault.Ends, 1),
            ["namedBy"] = fault.NamedBy(record.Signals)?.By,
            ["namedAt"] = fault.NamedBy(record.Signals) is { } named ? Math.Round(named.Second, 1) : null,
        }),
        ["signals"] = List(record.Signals, spell => new JsonObject
        {
            ["name"] = spell.Name,
            ["subject"] = spell.Subject,
            ["severity"] = spell.Signal.Severity,
            ["begins"] = Math.Round(spell.Begins, 1),
            ["ends"] = Math.Round(spell.Ends, 1),
            ["rootSince"] = spell.RootSince is { } since ? Math.Round(since, 1) : null,
        }),
        ["totals"] = List(record.Totals, total => new JsonObject
        {
            ["journey"] = total.Journey,
            ["sent"] = total.Sent,
            ["succeeded"] = total.Succeeded,
            ["refused"] = total.Refused,
            ["failedAttempts"] = total.FailedAttempts,
            ["pending"] = total.Pending,
            ["shed"] = total.Shed,
        }),
        ["money"] = new JsonObject
        {
            ["accepted"] = record.Money.Accepted,
            ["booked"] = record.Money.Booked,
            ["lost"] = record.Money.Lost,
            ["doubled"] = record.Money.Doubled,
            ["altered"] = record.Money.Altered,
            ["reason"] = record.Money.Reason,
        },
        ["samples"] = Samples(record),
    };

    /// <summary>
    /// One row a second: the second, then answered and failed of each journey in the order of the report.
    /// </summary>
    private static JsonArray Samples(DrillRecord record) => List(
        record.Samples.GroupBy(sample => sample.Second).OrderBy(second => second.Key),
        second => new JsonArray(
        [
            Math.Round(second.Key, 1),
            .. Journey.All.SelectMany(journey =>
            {
                var sample = second.FirstOrDefault(one => one.Journey == journey.Name);
                return new JsonNode?[] { sample?.Answered ?? 0, sample?.Failed ?? 0 };
            }),
        ]));

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];

    private static string Time(DrillRecord record, double second) => record.StartedAt.AddSeconds(second)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
