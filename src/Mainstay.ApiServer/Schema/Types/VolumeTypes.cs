using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ReferenceTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Folders that a pod brings along, and where they come from.</summary>
internal static class VolumeTypes
{
    private const int FileModeDefault = 0x1a4; // 0644 octal

    private static readonly ObjectSchema HostPath = Define("api.core.v1.HostPathVolumeSource",
        "A folder of the node.",
        Text("path", "The folder.").Required().CheckedBy(Checks.NoBackSteps),
        Text("type", "What must be there before the pod starts; nothing is checked where it is empty.")
            .InGo("v1.HostPathType").DefaultsTo("")
            .OneOf("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate",
                "Socket"));

    private static readonly ObjectSchema EmptyDir = Define("api.core.v1.EmptyDirVolumeSource",
        "A folder that lives as long as the pod.",
        Text("medium", "Memory, or empty for the node's disk.").InGo("v1.StorageMedium"),
        Quantity("sizeLimit", "The most it may hold."));

    private static readonly ObjectSchema ConfigMapVolume = Define("api.core.v1.ConfigMapVolumeSource",
        "The keys of a ConfigMap as files.",
        Text("name", "The ConfigMap.").NotEmpty(),
        Many("items", KeyToPath, "The keys and their files; all keys where there are none."),
        Int32("defaultMode", "The mode of the files.").CheckedBy(Checks.FileMode).DefaultsTo(FileModeDefault),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema SecretVolume = Define("api.core.v1.SecretVolumeSource",
        "The keys of a Secret as files.",
        Text("secretName", "The Secret.").NotEmpty(),
        Many("items", KeyToPath, "The keys and their files; all keys where there are none."),
        Int32("defaultMode", "The mode of the files.").CheckedBy(Checks.FileMode).DefaultsTo(FileModeDefault),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema DownwardApiFile = Define("api.core.v1.DownwardAPIVolumeFile",
        "A fact about the pod as a file.",
        Text("path", "The file, relative to the mount.").Required().CheckedBy(Checks.DescendingPath),
        One("fieldRef", ObjectFieldSelector, "A field of the pod."),
        One("resourceFieldRef", ResourceFieldSelector, "A resource of a container."),
        Int32("mode", "The mode of the file.").CheckedBy(Checks.FileMode));

    private static readonly ObjectSchema DownwardApi = Define("api.core.v1.DownwardAPIVolumeSource",
        "Facts about the pod as files.",
        Many("items", DownwardApiFile, "The files."),
        Int32("defaultMode", "The mode of the files.").CheckedBy(Checks.FileMode).DefaultsTo(FileModeDefault));

    private static readonly ObjectSchema ConfigMapProjection = Define("api.core.v1.ConfigMapProjection",
        "The keys of a ConfigMap.",
        Text("name", "The ConfigMap.").NotEmpty(),
        Many("items", KeyToPath, "The keys and their files; all keys where there are none."),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema SecretProjection = Define("api.core.v1.SecretProjection",
        "The keys of a Secret.",
        Text("name", "The Secret.").NotEmpty(),
        Many("items", KeyToPath, "The keys and their files; all keys where there are none."),
        Flag("optional", "True: the pod may start without it."));

    private static readonly ObjectSchema DownwardApiProjection = Define("api.core.v1.DownwardAPIProjection",
        "Facts about the pod.",
        Many("items", DownwardApiFile, "The files."));

    private static readonly ObjectSchema TokenProjection = Define("api.core.v1.ServiceAccountTokenProjection",
        "A token of the service account.",
        Text("audience", "Who the token is for; the API server where there is none."),
        Int64("expirationSeconds", "The seconds it is good for.").DefaultsTo(3600L),
        Text("path", "The file, relative to the mount.").Required().CheckedBy(Checks.DescendingPath));

    private static readonly ObjectSchema VolumeProjection = Define("api.core.v1.VolumeProjection",
        "One source of a projected volume.",
        One("secret", SecretProjection, "The keys of a Secret."),
        One("downwardAPI", DownwardApiProjection, "Facts about the pod."),
        One("configMap", ConfigMapProjection, "The keys of a ConfigMap."),
        One("serviceAccountToken", TokenProjection, "A token of the service account."));

    private static readonly ObjectSchema Projected = Define("api.core.v1.ProjectedVolumeSource",
        "Several sources in one folder.",
        Many("sources", VolumeProjection, "The sources."),
        Int32("defaultMode", "The mode of the files.").CheckedBy(Checks.FileMode).DefaultsTo(FileModeDefault));

    private static readonly ObjectSchema ClaimVolume = Define("api.core.v1.PersistentVolumeClaimVolumeSource",
        "A claimed disk.",
        Text("claimName", "The claim.").Required(),
        Flag("readOnly", "True: it cannot be written."));

    private static readonly ObjectSchema Nfs = Define("api.core.v1.NFSVolumeSource",
        "A folder of an NFS server.",
        Text("server", "The server.").Required(),
        Text("path", "The folder it exports.").Required(),
        Flag("readOnly", "True: it cannot be written."));

    private static readonly ObjectSchema Csi = Define("api.core.v1.CSIVolumeSource",
        "A folder from a storage driver.",
        Text("driver", "The driver.").Required(),
        Flag("readOnly", "True: it cannot be written."),
        Text("fsType", "The file system to mount it as."),
        TextMap("volumeAttributes", "What the driver is told."),
        One("nodePublishSecretRef", LocalObjectReference, "A Secret for the driver."));

    private static readonly ObjectSchema VolumeResources = Define("api.core.v1.VolumeResourceRequirements",
        "How large a disk is wanted.",
        QuantityMap("limits", "The most."),
        QuantityMap("requests", "The least."));

    private static readonly ObjectSchema ClaimSpec = Define("api.core.v1.PersistentVolumeClaimSpec",
        "The disk that is wanted.",
        Texts("accessModes", "How it is to be mounted.").InGo("v1.PersistentVolumeAccessMode"),
        One("selector", MetaTypes.LabelSelector, "Which disks would do."),
        One("resources", VolumeResources, "Its size."),
        Text("volumeName", "The disk itself, if it is known."),
        Text("storageClassName", "The class of storage."),
        Text("volumeMode", "Filesystem or Block.").InGo("v1.PersistentVolumeMode").DefaultsTo("Filesystem"),
        One("dataSource", TypedLocalObjectReference, "What to fill it from."));

    private static readonly ObjectSchema ClaimTemplate = Define("api.core.v1.PersistentVolumeClaimTemplate",
        "A claim to be made with the pod.",
        One("metadata", MetaTypes.ObjectMeta, "Labels and annotations of the claim."),
        One("spec", ClaimSpec, "The disk that is wanted.").Required());

    private static readonly ObjectSchema Ephemeral = Define("api.core.v1.EphemeralVolumeSource",
        "A disk that lives as long as the pod.",
        One("volumeClaimTemplate", ClaimTemplate, "The claim to make for it."));

    public static readonly ObjectSchema Volume = Define("api.core.v1.Volume",
        "A folder that the containers of a pod can mount: a name, and one source.",
        One("emptyDir", EmptyDir, "A folder that lives as long as the pod."),
        One("hostPath", HostPath, "A folder of the node."),
        One("configMap", ConfigMapVolume, "The keys of a ConfigMap as files."),
        One("secret", SecretVolume, "The keys of a Secret as files."),
        One("downwardAPI", DownwardApi, "Facts about the pod as files."),
        One("projected", Projected, "Several sources in one folder."),
        One("persistentVolumeClaim", ClaimVolume, "A claimed disk."),
        One("nfs", Nfs, "A folder of an NFS server."),
        One("csi", Csi, "A folder from a storage driver."),
        One("ephemeral", Ephemeral, "A disk that lives as long as the pod."),
        Text("name", "The name by which containers mount it.").Required().CheckedBy(Checks.Label))
        .DefaultedBy(FallBackToEmptyDir)
        .CheckedBy(CheckOneSource);

    public static readonly ObjectSchema VolumeMount = Define("api.core.v1.VolumeMount",
        "Where a container sees a volume.",
        Text("name", "The volume.").Required(),
        Flag("readOnly", "True: it cannot be written."),
        Text("recursiveReadOnly", "Whether mounts inside are read only too.").InGo("v1.RecursiveReadOnlyMode"),
        Text("mountPath", "The path in the container.").Required(),
        Text("subPath", "A path inside the volume to mount instead of its root.").CheckedBy(Checks.DescendingPath),
        Text("mountPropagation", "Whether mounts made later are seen.").InGo("v1.MountPropagationMode"),
        Text("subPathExpr", "As subPath, with $(NAME) for variables.").CheckedBy(Checks.DescendingPath));

    public static readonly ObjectSchema VolumeDevice = Define("api.core.v1.VolumeDevice",
        "Where a container sees a disk without a file system.",
        Text("name", "The volume.").Required(),
        Text("devicePath", "The path in the container.").Required());

    private static void FallBackToEmptyDir(JsonObject volume)
    {
        if (volume.All(pair => pair.Key == "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }
    }

    private static void CheckOneSource(JsonObject volume, FieldPath path, FieldErrors errors)
    {
        foreach (var (extra, _) in volume.Where(pair => pair.Key != "name").Skip(1))
        {
            errors.Forbidden(path.Child(extra), "may not specify more than 1 volume type");
        }
    }
}
