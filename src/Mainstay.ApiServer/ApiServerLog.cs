using System.Net;

namespace Mainstay.ApiServer;

/// <summary>Every message of the API server: ids 2000 to 2999.</summary>
internal static partial class ApiServerLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information,
        Message = "Serving on https://{Address}, objects in {Store}")]
    public static partial void Serving(ILogger logger, IPEndPoint address, string store);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information,
        Message = "Read {Count} objects of {Resources} resources at revision {Revision}")]
    public static partial void CachesRead(ILogger logger, int resources, int count, long revision);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning,
        Message = "The store cannot be read; the caches keep what they have: {Reason}")]
    public static partial void FeedFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning,
        Message = "The store's history starts at {Oldest}, the caches stand at {Revision}: they are read anew")]
    public static partial void FeedCompacted(ILogger logger, long oldest, long revision);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error,
        Message = "The store went back to revision {Revision} from {Cached}: it lost writes; the caches are read anew")]
    public static partial void StoreSetBack(ILogger logger, long revision, long cached);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Error,
        Message = "The object stored at {Key} cannot be read and is left out: {Reason}")]
    public static partial void ObjectUnreadable(ILogger logger, string key, string reason);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Information,
        Message = "The object stored at {Key} can be read again, or is gone")]
    public static partial void ObjectReadableAgain(ILogger logger, string key);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Warning,
        Message = "A watch of {Resource} by {User} fell behind and was cut")]
    public static partial void WatcherCut(ILogger logger, string resource, string user);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Information,
        Message = "Cut the store's history below revision {Revision}")]
    public static partial void Compacted(ILogger logger, long revision);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning,
        Message = "The store's history could not be cut, the next try is in five minutes: {Reason}")]
    public static partial void CompactionFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Error, Message = "{Method} {Path} failed by a bug of ours")]
    public static partial void RequestFailed(ILogger logger, Exception fault, string method, string path);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Warning,
        Message = "The namespaces and the service of the API server cannot be written yet: {Reason}")]
    public static partial void BootstrapWaits(ILogger logger, string reason);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Warning,
        Message = "The watch of the store lags: the caches stand at {Cached} and the store at {Revision}; it is left")]
    public static partial void WatchLags(ILogger logger, long cached, long revision);

    [LoggerMessage(EventId = 2014, Level = LogLevel.Error,
        Message = "The store skipped the changes from revision {Revision} on; the caches are read anew")]
    public static partial void FeedSkipped(ILogger logger, long revision);

    [LoggerMessage(EventId = 2015, Level = LogLevel.Information,
        Message = "The store's members changed: {Change}; the client is at {Endpoint}")]
    public static partial void MembersChanged(ILogger logger, string change, Uri endpoint);

    [LoggerMessage(EventId = 2016, Level = LogLevel.Warning,
        Message = "The endpoints of the API servers cannot be written now: {Reason}")]
    public static partial void EndpointsWait(ILogger logger, string reason);
}
