using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// An object is created only in a namespace that exists and is not being emptied. The cache answers for a namespace
/// that
/// it knows; one that it does not know may be new, so the store is asked.
/// </summary>
internal sealed class NamespaceAdmission(ObjectStore store, WatchCaches caches)
{
    public async Task CheckAsync(WriteTarget target, CancellationToken cancellationToken)
    {
        if (!target.Type.IsNamespaced)
        {
            return;
        }

        var type = NamespaceResource.Type;
        var key = type.StorageKey("", target.Namespace);
        var cached = caches.Of(type).Snapshot().Objects.GetValueOrDefault(key);
        var found = cached ?? await store.GetAsync(type, key, cancellationToken)
            ?? throw new RefusedException(KubeStatus.NotFound(type.SubjectOf(target.Namespace)));
        if (found.ToTree()["metadata"].TextAt("deletionTimestamp") is not null)
        {
            throw new RefusedException(
                KubeStatus.NamespaceTerminating(target.Type.SubjectOf(target.Name), target.Namespace));
        }
    }
}
