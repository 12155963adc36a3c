using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Mainstay.Etcd;

namespace Mainstay.ApiServer.Observation;

/// <summary>The JSON of <c>/mainstay/store.json</c>; <c>docs/seams.md</c> has the format.</summary>
internal static class StoreJson
{
    public static byte[] Write(ClusterView view)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("members");
            foreach (var member in view.Members)
            {
                WriteMember(json, member);
            }

            json.WriteEndArray();
            json.WriteNumber("quorum", view.Quorum);
            json.WriteNumber("answering", view.Answering);
            json.WriteString("currentEndpoint", Text(view.CurrentEndpoint));
            WriteWords(
                json,
                "configuredEndpoints",
                view.Endpoints.Where(one => one.IsConfigured).Select(one => Text(one.Address)));
            WriteWords(json, "endpoints", view.Endpoints.Select(one => Text(one.Address)));
            json.WriteStartArray("endpointStates");
            foreach (var endpoint in view.Endpoints)
            {
                WriteEndpoint(json, endpoint);
            }

            json.WriteEndArray();
            json.WriteString("membershipChangedAt", view.ChangedAt is { } at ? Time(at) : null);
            json.WriteString("lastChange", view.LastChange);
            WriteSeconds(json, "listedSecondsAgo", view.ListedAgo);
            json.WriteString("listFault", view.ListFault);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMember(Utf8JsonWriter json, ClusterMember member)
    {
        json.WriteStartObject();
        json.WriteString("id", member.IdText);
        json.WriteString("name", member.Name);
        WriteWords(json, "peerUrls", member.PeerUrls);
        WriteWords(json, "clientUrls", member.ClientUrls);
        json.WriteBoolean("answers", member.Answers);
        json.WriteBoolean("isMute", member.IsMute);
        json.WriteBoolean("isLeader", member.IsLeader);
        json.WriteBoolean("isLearner", member.IsLearner);
        json.WriteString("version", member.Version);
        json.WriteNumber("revision", member.Revision);
        json.WriteNumber("databaseBytes", member.DatabaseBytes);
        WriteSeconds(json, "lastAnsweredSecondsAgo", member.LastAnsweredAgo);
        json.WriteString("reason", member.Reason);
        json.WriteEndObject();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, EndpointView endpoint)
    {
        json.WriteStartObject();
        json.WriteString("url", Text(endpoint.Address));
        json.WriteBoolean("configured", endpoint.IsConfigured);
        json.WriteString("state", Word(endpoint.State));
        json.WriteString(
            "memberId",
            endpoint.MemberId == 0 ? "" : endpoint.MemberId.ToString("x", CultureInfo.InvariantCulture));
        WriteSeconds(json, "lastAnsweredSecondsAgo", endpoint.LastAnsweredAgo);
        json.WriteString("reason", endpoint.Reason);
        json.WriteEndObject();
    }

    private static string Word(EndpointState state) => state switch
    {
        EndpointState.Answers => "answers",
        EndpointState.Learner => "learner",
        EndpointState.NoLeader => "no-leader",
        EndpointState.Refused => "refused",
        EndpointState.Mute => "mute",
        EndpointState.Removed => "removed",
        EndpointState.Foreign => "foreign",
        _ => "unknown",
    };

    private static void WriteWords(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } known)
        {
            json.WriteNumber(name, Math.Round(known.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string Text(Uri address) => address.AbsoluteUri.TrimEnd('/');

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
