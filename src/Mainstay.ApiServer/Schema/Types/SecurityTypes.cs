using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>What a pod and its containers may do on the machine.</summary>
internal static class SecurityTypes
{
    private static readonly ValueCheck UserId = Checks.Between(0, int.MaxValue);

    private static readonly ObjectSchema Capabilities = Define("api.core.v1.Capabilities",
        "Linux capabilities beside the usual ones.",
        Texts("add", "Those to add.").InGo("v1.Capability"),
        Texts("drop", "Those to take away.").InGo("v1.Capability"));

    private static readonly ObjectSchema SeLinuxOptions = Define("api.core.v1.SELinuxOptions",
        "An SELinux context.",
        Text("user", "The user part."),
        Text("role", "The role part."),
        Text("type", "The type part."),
        Text("level", "The level part."));

    private static readonly ObjectSchema SeccompProfile = Define("api.core.v1.SeccompProfile",
        "Which system calls are let through.",
        Text("type", "RuntimeDefault, Unconfined, or Localhost for a file of the node.").InGo("v1.SeccompProfileType")
            .Required().OneOf("Localhost", "RuntimeDefault", "Unconfined"),
        Text("localhostProfile", "The file, with type Localhost."));

    private static readonly ObjectSchema AppArmorProfile = Define("api.core.v1.AppArmorProfile",
        "The AppArmor profile.",
        Text("type", "RuntimeDefault, Unconfined, or Localhost for one of the node.").InGo("v1.AppArmorProfileType")
            .Required().OneOf("Localhost", "RuntimeDefault", "Unconfined"),
        Text("localhostProfile", "The profile, with type Localhost."));

    private static readonly ObjectSchema WindowsOptions = Define("api.core.v1.WindowsSecurityContextOptions",
        "Settings for Windows nodes.",
        Text("gmsaCredentialSpecName", "The name of the group managed service account's credentials."),
        Text("gmsaCredentialSpec", "Those credentials themselves."),
        Text("runAsUserName", "The user to run as."),
        Flag("hostProcess", "True: run as a process of the node."));

    public static readonly ObjectSchema SecurityContext = Define("api.core.v1.SecurityContext",
        "What one container may do; goes before the pod's.",
        One("capabilities", Capabilities, "Linux capabilities beside the usual ones."),
        Flag("privileged", "True: it may do what the node's root may."),
        One("seLinuxOptions", SeLinuxOptions, "The SELinux context."),
        One("windowsOptions", WindowsOptions, "Settings for Windows nodes."),
        Int64("runAsUser", "The user id to run as.").CheckedBy(UserId),
        Int64("runAsGroup", "The group id to run as.").CheckedBy(UserId),
        Flag("runAsNonRoot", "True: refuse to run as root."),
        Flag("readOnlyRootFilesystem", "True: its root file system cannot be written."),
        Flag("allowPrivilegeEscalation", "False: a process can gain no more rights than its parent."),
        Text("procMount", "How /proc is mounted: Default or Unmasked.").InGo("v1.ProcMountType"),
        One("seccompProfile", SeccompProfile, "Which system calls are let through."),
        One("appArmorProfile", AppArmorProfile, "The AppArmor profile."));

    private static readonly ObjectSchema Sysctl = Define("api.core.v1.Sysctl",
        "A setting of the kernel.",
        Text("name", "Its name.").Required(),
        Text("value", "Its value.").Always());

    public static readonly ObjectSchema PodSecurityContext = Define("api.core.v1.PodSecurityContext",
        "What all containers of a pod may do, where they do not say it themselves.",
        One("seLinuxOptions", SeLinuxOptions, "The SELinux context."),
        One("windowsOptions", WindowsOptions, "Settings for Windows nodes."),
        Int64("runAsUser", "The user id to run as.").CheckedBy(UserId),
        Int64("runAsGroup", "The group id to run as.").CheckedBy(UserId),
        Flag("runAsNonRoot", "True: refuse to run as root."),
        Int64s("supplementalGroups", "Further group ids of the processes.").CheckedBy(UserId),
        Text("supplementalGroupsPolicy", "Merge with the image's groups, or Strict.")
            .InGo("v1.SupplementalGroupsPolicy"),
        Int64("fsGroup", "The group id that owns the volumes.").CheckedBy(UserId),
        Many("sysctls", Sysctl, "Settings of the kernel."),
        Text("fsGroupChangePolicy", "Change the owner of files Always or OnRootMismatch.")
            .InGo("v1.PodFSGroupChangePolicy").OneOf("Always", "OnRootMismatch"),
        One("seccompProfile", SeccompProfile, "Which system calls are let through."),
        One("appArmorProfile", AppArmorProfile, "The AppArmor profile."),
        Text("seLinuxChangePolicy", "How volumes get their SELinux label.").InGo("v1.PodSELinuxChangePolicy"));
}
