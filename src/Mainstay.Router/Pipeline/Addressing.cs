using Mainstay.Router.Http1;

namespace Mainstay.Router.Pipeline;

/// <summary>Which service does the caller mean, and which of its ports? One read of the table per call.</summary>
internal static class Addressing
{
    public static BodyKind FrameOf(RequestHead head) => head.Headers switch
    {
        { Coding: Coding.Chunked } => BodyKind.Chunked,
        { ContentLength: > 0 } => BodyKind.Length,
        _ => BodyKind.None,
    };

    /// <returns>why not, or null when the call's service and port are set</returns>
    public static Reason? Find(Call call)
    {
        var client = call.Client;
        var authority = call.Head.Authority(client.In!.Filled); // The head lies in it.
        if (authority.IsEmpty)
        {
            return Reason.UnknownService;
        }

        var host = Authority.Host(authority, out var port);
        var table = client.Loop.Table;
        var index = client.Loop.Names.Find(table.Table, host, client.Caller.NamespaceBytes);
        if (index < 0)
        {
            return Reason.UnknownService;
        }

        var service = table[index];
        var portIndex = table.Table.Services[index].PortIndex(port);
        call.Service = service;
        if (portIndex < 0)
        {
            return Reason.UnknownPort;
        }

        call.Port = service.Ports[portIndex];
        return null;
    }
}
