using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Ways to point at another object, or at a part of one.</summary>
internal static class ReferenceTypes
{
    public static readonly ObjectSchema LocalObjectReference = Define("api.core.v1.LocalObjectReference",
        "An object of the same namespace.",
        Text("name", "Its name."));

    public static readonly ObjectSchema TypedLocalObjectReference = Define("api.core.v1.TypedLocalObjectReference",
        "An object of some kind in the same namespace.",
        Text("apiGroup", "Its group; empty for the core group."),
        Text("kind", "Its kind.").Always(),
        Text("name", "Its name.").Always());

    public static readonly ObjectSchema ObjectReference = Define("api.core.v1.ObjectReference",
        "An object anywhere, or a part of it.",
        Text("kind", "Its kind."),
        Text("namespace", "Its namespace."),
        Text("name", "Its name."),
        Text("uid", "Its uid.").InGo("types.UID"),
        Text("apiVersion", "Its group and version."),
        Text("resourceVersion", "The version of it that is meant."),
        Text("fieldPath", "The part of it that is meant, such as spec.containers{name}."));

    public static readonly ObjectSchema ObjectFieldSelector = Define("api.core.v1.ObjectFieldSelector",
        "A field of the pod itself.",
        Text("apiVersion", "The version in which the path is written.").DefaultsTo("v1"),
        Text("fieldPath", "The path of the field, such as metadata.name.").Required());

    public static readonly ObjectSchema ResourceFieldSelector = Define("api.core.v1.ResourceFieldSelector",
        "A resource of a container.",
        Text("containerName", "The container; may be left out for variables."),
        Text("resource", "The resource, such as limits.cpu.").Required(),
        Quantity("divisor", "The unit the value is given in; 1 where there is none.").DefaultsTo("0"));

    public static readonly ObjectSchema KeyToPath = Define("api.core.v1.KeyToPath",
        "One key of a ConfigMap or Secret as a file.",
        Text("key", "The key.").Required(),
        Text("path", "The file, relative to the mount.").Required().CheckedBy(Checks.DescendingPath),
        Int32("mode", "The mode of the file; that of the volume where there is none.").CheckedBy(Checks.FileMode));
}
