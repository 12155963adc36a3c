using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>The ledger as a person asks it: the newest first, or ranked against a symptom.</summary>
/// <param name="Since">how far back</param>
/// <param name="Symptom">the name of a signal or of a service; empty: none</param>
public sealed record ChangeQuestion(TimeSpan Since, string Symptom);

/// <summary>One line of the answer.</summary>
/// <param name="Change">the change, or the newest of those that were made together</param>
/// <param name="Count">how many were made together</param>
/// <param name="Score">0 to 1; null where nothing was ranked</param>
/// <param name="Why">what the score rests on; empty where nothing was ranked</param>
public sealed record ChangeLine(Change Change, int Count, double? Score, string Why);

/// <summary>What the ledger answers, and how far it can be trusted.</summary>
/// <param name="Lines">the newest first; ranked: the most suspect first</param>
/// <param name="FedAt">when each source was last heard; what happened since is not in the lines</param>
/// <param name="AskedAt">when the question was asked</param>
public sealed record ChangeAnswer(
    ImmutableArray<ChangeLine> Lines, ImmutableSortedDictionary<string, DateTimeOffset> FedAt, DateTimeOffset AskedAt)
{
    /// <summary>A source that was heard longer ago than this may have told of more.</summary>
    public static readonly TimeSpan FedLimit = TimeSpan.FromSeconds(30);

    public static ChangeAnswer Of(ChangeLedger ledger, ChangeQuestion question, DateTimeOffset now)
    {
        var changes = ledger.Between(now - question.Since, now.AddMinutes(1));
        return new ChangeAnswer(LinesOf(changes, question.Symptom, now), ledger.FedAt(), now);
    }

    /// <param name="changes">newest first</param>
    /// <param name="symptom">the name of a signal or of a service; empty: none</param>
    /// <param name="now">for what has faded</param>
    public static ImmutableArray<ChangeLine> LinesOf(
        ImmutableArray<Change> changes, string symptom, DateTimeOffset now) => symptom.Length == 0
        ? [.. changes.Select(change => new ChangeLine(change, 1, null, ""))]
        : [.. ChangeRanking.Rank(changes, Changes.Symptom.Of(symptom), now).Select(ranked =>
            new ChangeLine(ranked.Newest, ranked.Count, ranked.Score, ranked.Why))];

    /// <summary>Why the answer may lack something, in words; none where it is fresh.</summary>
    public IEnumerable<string> Doubts()
    {
        if (!FedAt.ContainsKey(ChangeWatch.KubernetesSource))
        {
            yield return "the ledger was never fed from the API server: is the console running?";
        }

        foreach (var (source, at) in FedAt.Where(pair => IsHeard(pair.Key) && AskedAt - pair.Value > FedLimit))
        {
            var age = (AskedAt - at).TotalSeconds;
            yield return string.Create(CultureInfo.InvariantCulture, $"{source} was last heard {at:u}, {age:0} s ago")
                + ": what changed since is not here";
        }
    }

    /// <summary>When each source that speaks all the time was last heard; one null where there is none.</summary>
    public static IEnumerable<DateTimeOffset?> Heard(IEnumerable<KeyValuePair<string, DateTimeOffset>> fedAt) =>
        fedAt.Where(pair => IsHeard(pair.Key)).Select(pair => (DateTimeOffset?)pair.Value).DefaultIfEmpty();

    /// <summary>An action is a line when it is done, and silent otherwise.</summary>
    private static bool IsHeard(string source) => source != "action";

    public JsonObject ToJson() => new()
    {
        ["askedAt"] = Time(AskedAt),
        ["fedAt"] = new JsonObject(FedAt.Select(pair =>
            new KeyValuePair<string, JsonNode?>(pair.Key, Time(pair.Value)))),
        ["doubts"] = new JsonArray([.. Doubts().Select(doubt => (JsonNode?)JsonValue.Create(doubt))]),
        ["changes"] = new JsonArray([.. Lines.Select(line => (JsonNode?)new JsonObject
        {
            ["at"] = Time(line.Change.At),
            ["source"] = line.Change.Source,
            ["kind"] = line.Change.Kind,
            ["namespace"] = line.Change.Namespace,
            ["name"] = line.Change.Name,
            ["what"] = line.Change.What,
            ["detail"] = line.Change.Detail,
            ["actor"] = line.Change.Actor,
            ["count"] = line.Count,
            ["score"] = line.Score is { } score ? Math.Round(score, 3) : null,
            ["why"] = line.Why,
        })]),
    };

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var line in Lines)
        {
            var change = line.Change;
            var name = change.Namespace.Length > 0 ? $"{change.Namespace}/{change.Name}" : change.Name;
            var score = line.Score is { } value ? value.ToString("0.00  ", CultureInfo.InvariantCulture) : "";
            var more = line.Count > 1 ? $" (and {line.Count - 1} more like it)" : "";
            var actor = change.Actor.Length > 0 ? $" by {change.Actor}" : "";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{score}{change.At:yyyy-MM-dd HH:mm:ss}Z  {change.What,-14}  {change.Kind} {name}{more}  "
                + $"{change.Detail}{actor}");
            if (line.Why.Length > 0)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"      {line.Why}");
            }
        }

        text.AppendLine(Lines.IsEmpty ? "no changes in this time" : $"{Lines.Length} lines, in UTC");
        foreach (var doubt in Doubts())
        {
            text.Append("note: ").AppendLine(doubt);
        }

        return text.ToString().TrimEnd();
    }

    private static string Time(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
