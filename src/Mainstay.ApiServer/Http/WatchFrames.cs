using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// The events of one watch on the wire, a JSON document a line, in the shape the client asked for. A selector turns
/// changes around: an object that begins to match is ADDED, one that ceases to match is DELETED with its last matching
/// state.
/// </summary>
internal sealed class WatchFrames(ApiRequest request, ObjectResponse response, ListQuery query)
{
    private readonly PipeWriter _writer = request.Http.Response.BodyWriter;

    public ListQuery Query { get; } = query;

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var http = request.Http.Response;
        http.StatusCode = StatusCodes.Status200OK;
        http.ContentType = Negotiation.Json;
        http.Headers.CacheControl = "no-cache, private";
        // the client must see that the watch is open before anything happens
        await http.StartAsync(cancellationToken);
        await _writer.FlushAsync(cancellationToken);
    }

    public void AddInitial(StoredObject one)
    {
        if (Query.Filter.Matches(one))
        {
            Write("{\"type\":\"ADDED\",\"object\":"u8, response.Shaped(request, one).Span);
        }
    }

    public void Add(CachedEvent change)
    {
        var now = change.Now is { } after && Query.Filter.Matches(after) ? after : null;
        var before = change.Before is { } earlier && Query.Filter.Matches(earlier) ? earlier : null;
        switch (now, before)
        {
            case ({ }, null):
                Write("{\"type\":\"ADDED\",\"object\":"u8, response.Shaped(request, now).Span);
                break;
            case ({ }, { }):
                Write("{\"type\":\"MODIFIED\",\"object\":"u8, response.Shaped(request, now).Span);
                break;
            case (null, { }):
                var last = change.Last ?? before.AtRevision(change.Revision);
                Write("{\"type\":\"DELETED\",\"object\":"u8, response.Shaped(request, last).Span);
                break;
        }
    }

    public void AddBookmark(long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = JsonTree.Number(revision) };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var mark = new JsonObject
        {
            ["kind"] = request.Type.Kind, ["apiVersion"] = request.Type.GroupVersion, ["metadata"] = metadata,
        };
        var shaped = Negotiation.Shape(request.Http.Request.Headers.Accept) switch
        {
            ObjectShape.Table => new JsonObject
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata.DeepClone(),
                ["columnDefinitions"] = new JsonArray(),
                ["rows"] = new JsonArray(),
            },
            ObjectShape.PartialMetadata => TableRenderer.MetadataOf(mark),
            _ => mark,
        };
        Write("{\"type\":\"BOOKMARK\",\"object\":"u8, JsonTree.ToUtf8(shaped));
    }

    public async Task WriteErrorAsync(KubeStatus status, CancellationToken cancellationToken)
    {
        Write("{\"type\":\"ERROR\",\"object\":"u8, status.ToJson());
        await FlushAsync(cancellationToken);
    }

    public async Task FlushAsync(CancellationToken cancellationToken) => await _writer.FlushAsync(cancellationToken);

    private void Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> json)
    {
        _writer.Write(head);
        _writer.Write(json);
        _writer.Write("}\n"u8);
    }
}
