using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// What is served, as clients ask for it: the old documents, one per group and version, and the aggregated ones that
/// say all at once. All of it comes from <see cref="ResourceTable"/> and never changes while the server runs.
/// </summary>
internal sealed class Discovery
{
    private const string AggregatedKind = "APIGroupDiscoveryList";
    private const string AggregatedGroup = "apidiscovery.k8s.io";

    private readonly ImmutableArray<ApiGroup> _groups = ApiGroup.All();

    /// <returns>false when the path is no discovery document</returns>
    public async Task<bool> TryAnswerAsync(HttpContext http, RequestInfo info)
    {
        if (info.Segments is ["api"] or ["apis"] && AggregatedVersion(http.Request) is { } aggregated)
        {
            var isCore = info.Segments[0] == "api";
            await WriteAggregatedAsync(http, aggregated, _groups.Where(group => group.IsCore == isCore));
            return true;
        }

        var document = info.Segments switch
        {
            ["api"] => ApiVersions(http),
            ["apis"] => GroupList(),
            ["api", var version] => ResourceList("", version),
            ["apis", var group] => Group(group),
            ["apis", var group, var version] => ResourceList(group, version),
            _ => null,
        };
        if (document is null)
        {
            return false;
        }

        await ObjectResponse.WriteTreeAsync(http, StatusCodes.Status200OK, document);
        return true;
    }

    // === the old documents ===

    private static JsonObject ApiVersions(HttpContext http) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(
            new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = http.Request.Host.Value }),
    };

    private JsonObject GroupList() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. _groups.Where(group => !group.IsCore).Select(group => group.ToTree())]),
    };

    private JsonObject? Group(string name)
    {
        if (_groups.FirstOrDefault(group => group.Name == name && !group.IsCore) is not { } found)
        {
            return null;
        }

        var tree = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (name2, value) in found.ToTree().ToList())
        {
            tree[name2] = value?.DeepClone();
        }

        return tree;
    }

    private JsonObject? ResourceList(string groupName, string version)
    {
        var group = _groups.FirstOrDefault(one => one.Name == groupName && one.Versions.Contains(version));
        return group is null ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = groupName.Length == 0 ? version : $"{groupName}/{version}",
            ["resources"] = new JsonArray([.. ServedResource.In(groupName, version).Select(one => one.ToTree())]),
        };
    }

    // === the aggregated documents ===

    private static string? AggregatedVersion(HttpRequest request)
    {
        foreach (var range in MediaRange.ParseAll(request.Headers.Accept))
        {
            if (range.Type != Negotiation.Json)
            {
                continue;
            }

            if (range["as"].Length == 0)
            {
                return null;
            }

            if (range["as"] == AggregatedKind && range["g"] == AggregatedGroup && range["v"] is "v2" or "v2beta1")
            {
                return range["v"];
            }
        }

        return null;
    }

    private static async Task WriteAggregatedAsync(HttpContext http, string version, IEnumerable<ApiGroup> groups)
    {
        var document = JsonTree.ToUtf8(new JsonObject
        {
            ["kind"] = AggregatedKind,
            ["apiVersion"] = $"{AggregatedGroup}/{version}",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(group => group.ToAggregated())]),
        });
        var etag = $"\"{Convert.ToHexString(SHA256.HashData(document))}\"";
        http.Response.Headers.ETag = etag;
        http.Response.Headers.Vary = "Accept";
        if (http.Request.Headers.IfNoneMatch == etag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = $"{Negotiation.Json};g={AggregatedGroup};v={version};as={AggregatedKind}";
        http.Response.ContentLength = document.Length;
        await http.Response.BodyWriter.WriteAsync(document, http.RequestAborted);
    }
}
