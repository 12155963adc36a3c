using System.Net;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Mainstay.ApiServer.Http;

/// <summary>What only pods have: binding to a node, eviction, logs.</summary>
internal sealed class PodEndpoint(ReadEndpoint reading, DeleteEndpoint deletion, PodParts parts)
{
    private static readonly string[] LogOptions =
        ["follow", "tailLines", "sinceSeconds", "sinceTime", "previous", "timestamps", "limitBytes"];

    /// <summary>
    /// POST pods/NAME/binding, or bindings with the name in the body: the scheduler's decision, once.
    /// </summary>
    public async Task BindAsync(ApiRequest request)
    {
        var body = await ReadTreeAsync(request, "Binding");
        var node = body.TextIn("target", "name");
        var kind = body.TextIn("target", "kind");
        var name = request.Info.Name.Length > 0 ? request.Info.Name : body.TextIn("metadata", "name");
        var errors = new FieldErrors();
        if (kind is not ("" or "Node"))
        {
            errors.NotSupported(FieldPath.Root.Child("target").Child("kind"), kind, ["Node", "<empty>"]);
        }

        if (node.Length == 0)
        {
            errors.Required(FieldPath.Root.Child("target").Child("name"));
        }

        var target = WriteEndpoint.TargetOf(request) with { Name = name };
        if (!errors.IsEmpty)
        {
            throw new RefusedException(KubeStatus.Invalid(
                new Subject("", "bindings", "Binding", name), WriteTarget.CausesOf(errors)));
        }

        var uid = body.TextIn("metadata", "uid");
        var now = Timestamp.Seconds(parts.Time.GetUtcNow());
        var change = new ObjectChange(UpdatePart.Internal, pod =>
        {
            RefuseUnlessFree(target, pod, uid);
            return Bound(pod, node, now);
        });
        await parts.Writer.UpdateAsync(target, change, request.Aborted);
        await ObjectResponse.WriteStatusAsync(request.Http, KubeStatus.Created());
    }

    /// <summary>POST pods/NAME/eviction: a delete that a disruption budget could refuse; there are none here.</summary>
    public async Task EvictAsync(ApiRequest request)
    {
        var body = await ReadTreeAsync(request, "Eviction");
        var asked = body.ObjectAt("deleteOptions");
        var options = new DeleteOptions
        {
            GracePeriodSeconds = asked.NumberAt("gracePeriodSeconds"),
            PreconditionUid = asked.ObjectAt("preconditions").TextAt("uid"),
            PreconditionRevision = asked.ObjectAt("preconditions").TextAt("resourceVersion"),
        };
        await deletion.DeleteOneAsync(WriteEndpoint.TargetOf(request), options, request.Aborted);
        await ObjectResponse.WriteStatusAsync(request.Http, KubeStatus.Created());
    }

    /// <summary>GET pods/NAME/log: streamed from the agent of the pod's node.</summary>
    public async Task LogAsync(ApiRequest request)
    {
        var pod = (await reading.ReadAsync(request)).ToTree();
        var container = Container(request, pod);
        var nodeName = pod.TextIn("spec", "nodeName");
        if (nodeName.Length == 0)
        {
            // not scheduled: there is no log yet, and that is no fault
            request.Http.Response.ContentType = "text/plain";
            return;
        }

        var nodes = ResourceTable.Find("", "v1", "nodes")
            ?? throw new RefusedException(KubeStatus.Internal("nodes are not served"));
        var node = await parts.Store.GetAsync(nodes, nodes.StorageKey("", nodeName), request.Aborted)
            ?? throw new RefusedException(KubeStatus.NotFound(nodes.SubjectOf(nodeName)));
        var url = LogUrl(request, AgentAddress(node.ToTree(), nodeName), container);
        await RelayAsync(request, url, nodeName);
    }

    private async Task RelayAsync(ApiRequest request, Uri url, string nodeName)
    {
        using var asking = new HttpRequestMessage(HttpMethod.Get, url);
        HttpResponseMessage answer;
        try
        {
            answer = await parts.Agents.SendAsync(asking, HttpCompletionOption.ResponseHeadersRead, request.Aborted);
        }
        catch (HttpRequestException e)
        {
            throw new RefusedException(KubeStatus.Internal(
                $"the agent of node {nodeName} at {url.Authority} does not answer: {e.Message}"));
        }

        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                var text = await answer.Content.ReadAsStringAsync(request.Aborted);
                throw new RefusedException(
                    answer.StatusCode == HttpStatusCode.NotFound || answer.StatusCode == HttpStatusCode.BadRequest
                        ? KubeStatus.BadRequest(text.Trim())
                        : KubeStatus.Internal(
                            $"the agent of node {nodeName} answers {(int)answer.StatusCode}: {text}"));
            }

            var response = request.Http.Response;
            response.ContentType = "text/plain";
            await response.StartAsync(request.Aborted);
            await using var lines = await answer.Content.ReadAsStreamAsync(request.Aborted);
            await CopyAsync(lines, response, request.Aborted);
        }
    }

    // Each piece is flushed as it comes: a followed log would otherwise sit in a buffer.
    private static async Task CopyAsync(Stream from, HttpResponse to, CancellationToken cancellationToken)
    {
        while (true)
        {
            var buffer = to.BodyWriter.GetMemory(16 * 1024);
            var read = await from.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return;
            }

            to.BodyWriter.Advance(read);
            var flushed = await to.BodyWriter.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
            {
                return;
            }
        }
    }

    private static Uri LogUrl(ApiRequest request, string authority, string container)
    {
        var query = new QueryBuilder();
        foreach (var option in LogOptions)
        {
            if (request.Http.Request.Query[option] is [{ Length: > 0 } value, ..])
            {
                query.Add(option, value);
            }
        }

        string[] path = [request.Info.Namespace, request.Info.Name, container];
        var escaped = string.Join('/', path.Select(Uri.EscapeDataString));
        return new Uri($"http://{authority}/containerLogs/{escaped}{query}");
    }

    private static string AgentAddress(JsonObject node, string nodeName)
    {
        var address = node["status"].ObjectsAt("addresses")
            .FirstOrDefault(one => one.TextAt("type") == "InternalIP").TextAt("address");
        var port = node["status"]?["daemonEndpoints"]?["kubeletEndpoint"].NumberAt("Port");
        return address is { Length: > 0 } && port is > 0
            ? $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}"
            : throw new RefusedException(KubeStatus.Internal($"node {nodeName} has not said where its agent listens"));
    }

    private static string Container(ApiRequest request, JsonObject pod)
    {
        var asked = request.Http.Request.Query["container"].ToString();
        var main = pod["spec"].ObjectsAt("containers").Select(one => one.TextIn("name")).ToList();
        var inits = pod["spec"].ObjectsAt("initContainers").Select(one => one.TextIn("name")).ToList();
        if (asked.Length > 0)
        {
            return main.Contains(asked) || inits.Contains(asked)
                ? asked
                : throw new RefusedException(KubeStatus.BadRequest(
                    $"container {asked} is not valid for pod {request.Info.Name}"));
        }

        if (main.Count == 1)
        {
            return main[0];
        }

        var text = $"a container name must be specified for pod {request.Info.Name}, choose one of: "
            + $"[{string.Join(' ', main)}]";
        throw new RefusedException(KubeStatus.BadRequest(
            inits.Count == 0 ? text : $"{text} or one of the init containers: [{string.Join(' ', inits)}]"));
    }

    private static void RefuseUnlessFree(WriteTarget target, JsonObject pod, string uid)
    {
        var binding = target.Subject with { Resource = "pods/binding" };
        if (uid.Length > 0 && uid != pod.TextIn("metadata", "uid"))
        {
            throw new RefusedException(
                KubeStatus.UidPrecondition(binding, uid, pod.TextIn("metadata", "uid")));
        }

        if (pod["metadata"].TextAt("deletionTimestamp") is not null)
        {
            throw new RefusedException(KubeStatus.Conflict(
                binding, $"pod {target.Name} is being deleted, cannot be assigned to a host"));
        }

        if (pod.TextIn("spec", "nodeName") is { Length: > 0 } bound)
        {
            throw new RefusedException(KubeStatus.Conflict(
                binding, $"pod {target.Name} is already assigned to node \"{bound}\""));
        }
    }

    private static JsonObject Bound(JsonObject pod, string node, string now)
    {
        pod.Ensure("metadata").Remove("resourceVersion");
        pod.Ensure("spec")["nodeName"] = node;
        var status = pod.Ensure("status");
        var others = status.ObjectsAt("conditions").Where(one => one.TextIn("type") != "PodScheduled")
            .Select(one => one.DeepClone());
        JsonObject scheduled = new() { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = now };
        status["conditions"] = new JsonArray([.. others, scheduled]);
        return pod;
    }

    private static async Task<JsonObject> ReadTreeAsync(ApiRequest request, string kind)
    {
        var json = await RequestBody.ReadJsonAsync(request.Http.Request, request.Aborted);
        try
        {
            return JsonTree.Parse(json);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new RefusedException(KubeStatus.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): {e.Message}"));
        }
    }
}

/// <param name="Agents">reaches the node agents</param>
internal sealed record PodParts(ObjectStore Store, ObjectWriter Writer, HttpClient Agents, TimeProvider Time);
