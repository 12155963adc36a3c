using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.Etcd;

namespace Mainstay.Members;

/// <summary>The members of a store, for a terminal and for scripts.</summary>
internal static class MembersText
{
    private static readonly string[] Headings =
        ["ZONE", "MEMBER", "ROLE", "VERSION", "DB", "REVISION", "ADDRESS", ""];

    public static string Table(StoreSight sight)
    {
        if (sight.View.Members.IsEmpty)
        {
            return $"the members could not be listed: {sight.View.ListFault}";
        }

        var rows = new List<string[]> { Headings };
        rows.AddRange(sight.View.Members
            .OrderBy(sight.ZoneOf, StringComparer.Ordinal)
            .Select(member => new[]
            {
                sight.ZoneOf(member) is { Length: > 0 } zone ? zone : "?",
                Name(member), Role(member), member.Version, Mebibytes(member.DatabaseBytes),
                member.Revision.ToString(CultureInfo.InvariantCulture), string.Join(',', member.ClientUrls),
                member.Reason,
            }));
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        if (sight.View.ListFault.Length > 0)
        {
            text.Append("the list may be old: ").AppendLine(sight.View.ListFault);
        }

        return text.Append(sight.Budget.Sentence).ToString();
    }

    public static JsonObject Json(StoreSight sight) => new()
    {
        ["members"] = new JsonArray([.. sight.View.Members.Select(member => (JsonNode)new JsonObject
        {
            ["id"] = member.IdText,
            ["name"] = member.Name,
            ["zone"] = sight.ZoneOf(member),
            ["role"] = Role(member),
            ["answers"] = member.Answers,
            ["version"] = member.Version,
            ["revision"] = member.Revision,
            ["databaseBytes"] = member.DatabaseBytes,
            ["clientUrls"] = new JsonArray([.. member.ClientUrls.Select(url => (JsonNode)url)]),
            ["reason"] = member.Reason,
        })]),
        ["quorum"] = sight.Budget.Quorum,
        ["well"] = sight.Budget.Well,
        ["hasQuorum"] = sight.Budget.HasQuorum,
        ["mayLose"] = new JsonObject
        {
            ["anyMembers"] = sight.Budget.AnyMembers,
            ["zones"] = new JsonObject(sight.Budget.Zones.Select(zone => KeyValuePair.Create(
                zone.Key,
                zone.Value < 0 ? null : (JsonNode?)new JsonObject { ["plusMembers"] = zone.Value }))),
            ["words"] = sight.Budget.Words,
        },
        ["listFault"] = sight.View.ListFault,
    };

    public static string Name(ClusterMember member) => member.Name.Length > 0 ? member.Name : member.IdText;

    private static string Role(ClusterMember member) => member switch
    {
        { IsLeader: true } => "leader",
        { IsLearner: true } => "learner",
        { Answers: true } => "member",
        { IsMute: true } => "MUTE",
        _ => "DOWN",
    };

    private static string Mebibytes(long bytes) =>
        (bytes / (1024.0 * 1024)).ToString("0.0", CultureInfo.InvariantCulture) + " MiB";
}
