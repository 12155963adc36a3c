using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// What the server itself puts into the store, in the namespace <c>default</c> or in none. Several servers do so at the
/// same time: what is there is no fault.
/// </summary>
internal sealed class OwnObjects(ObjectStore store, ObjectWriter writer)
{
    private const string Namespace = "default";

    /// <summary>Makes it where it is missing.</summary>
    /// <returns>whether it was made now</returns>
    public async Task<bool> EnsureAsync(
        string group, string plural, JsonObject tree, CancellationToken cancellationToken)
    {
        var type = TypeOf(group, plural);
        var target = Target(type, tree);
        if (await store.GetAsync(type, target.Key, cancellationToken) is not null)
        {
            return false;
        }

        try
        {
            await writer.CreateAsync(target, Typed(type, tree), cancellationToken);
            return true;
        }
        catch (RefusedException e) when (e.Status.Reason == "AlreadyExists")
        {
            return false; // another API server was faster
        }
    }

    /// <summary>Makes it, or gives it these fields; one that has them is not written.</summary>
    public async Task PutAsync(
        string group, string plural, JsonObject tree, string[] fields, CancellationToken cancellationToken)
    {
        if (await EnsureAsync(group, plural, tree, cancellationToken))
        {
            return;
        }

        var change = new ObjectChange(UpdatePart.Main, old =>
        {
            foreach (var name in fields)
            {
                JsonTree.Copy(tree, old, name);
            }

            return old;
        });
        await writer.UpdateAsync(Target(TypeOf(group, plural), tree), change, cancellationToken);
    }

    /// <summary>Removes those of the namespace <c>default</c> whose name is meant.</summary>
    public async Task RemoveAsync(
        string group, string plural, Func<string, bool> isMeant, CancellationToken cancellationToken)
    {
        var type = TypeOf(group, plural);
        var range = new ListRange(type.StorageListPrefix(Namespace));
        if (await store.ListAsync(type, range, cancellationToken) is not { } part)
        {
            return;
        }

        foreach (var found in part.Objects.Where(found => isMeant(found.Name)))
        {
            await writer.RemoveAsync(found, cancellationToken); // changed meanwhile: the next round sees it
        }
    }

    private static ResourceType TypeOf(string group, string plural) =>
        ResourceTable.Find(group, "v1", plural)
            ?? throw new InvalidOperationException($"this server serves no {plural} of '{group}'");

    private static WriteTarget Target(ResourceType type, JsonObject tree) => new(
        type, type.IsNamespaced ? Namespace : "", tree.TextIn("metadata", "name"), IsDryRun: false);

    private static JsonObject Typed(ResourceType type, JsonObject tree)
    {
        var typed = new JsonObject { ["apiVersion"] = type.GroupVersion, ["kind"] = type.Kind };
        foreach (var (name, value) in tree)
        {
            typed[name] = value?.DeepClone();
        }

        return typed;
    }
}
