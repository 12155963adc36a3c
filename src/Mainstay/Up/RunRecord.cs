using Mainstay.Agent.Processes;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mainstay.Up;

/// <summary>
/// What the running <c>up</c> writes of itself, for <c>down</c>, <c>status</c> and the next <c>up</c>.
/// </summary>
internal sealed record RunRecord
{
    public required ProcessIdentity Process { get; init; }

    /// <summary>The node agents that this run started; after a kill of <c>up</c> they live on.</summary>
    public required IReadOnlyList<ProcessIdentity> Agents { get; init; }

    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The agents by the name of their node.</summary>
    public IReadOnlyDictionary<string, ProcessIdentity> AgentOf { get; init; } =
        new Dictionary<string, ProcessIdentity>();

    /// <summary>The zone of each node, by its name.</summary>
    public IReadOnlyDictionary<string, string> ZoneOf { get; init; } = new Dictionary<string, string>();

    /// <summary>True once everything is started and the sample answers.</summary>
    public required bool Ready { get; init; }

    public required string Console { get; init; }

    /// <summary>The first API server.</summary>
    public required string Api { get; init; }

    /// <summary>Every API server.</summary>
    public required IReadOnlyList<string> ApiServers { get; init; }

    public required string Router { get; init; }

    public required string Store { get; init; }

    /// <summary>Where each part but the API servers is asked whether it is ready, by name.</summary>
    public required IReadOnlyDictionary<string, string> HealthUrls { get; init; }

    public static RunRecord? Read(DataFolder data)
    {
        try
        {
            var record = JsonSerializer.Deserialize(
                File.ReadAllText(data.Record), RunRecordJson.Default.RunRecord);
            return record is not null && MemberBook.Read(data) is { } book ? record.With(book) : record;
        }
        catch (Exception fault) when (fault is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Members of etcd came and went after <c>up</c> wrote this: the book knows.</summary>
    internal RunRecord With(MemberBook book)
    {
        var removed = book.Members.Where(member => member.Removed).Select(member => member.Name).ToHashSet();
        var urls = HealthUrls.Where(part => !removed.Contains(part.Key)).ToDictionary();
        foreach (var member in book.Present)
        {
            urls[member.Name] = $"http://{member.Client}/health";
        }

        return this with
        {
            HealthUrls = urls, Store = book.ClientUrls,
        };
    }

    public void Write(DataFolder data)
    {
        var next = data.Record + ".next";
        File.WriteAllText(next, JsonSerializer.Serialize(this, RunRecordJson.Default.RunRecord));
        File.Move(next, data.Record, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunRecordJson : JsonSerializerContext;
