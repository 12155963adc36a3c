using System.Text;

namespace Mainstay.Router.Discovery;

/// <summary>Who calls, known by the address it connected to: a pod's own, or the node's for anybody else.</summary>
internal sealed record Caller(string Namespace, string Pod, string Uid)
{
    /// <summary>Whoever calls on the node's address: short names mean the namespace `default`.</summary>
    public static readonly Caller Anyone = new("default", "", "");

    public byte[] NamespaceBytes { get; } = Encoding.ASCII.GetBytes(Namespace);

    public bool Equals(Caller? other) =>
        other is not null && Namespace == other.Namespace && Pod == other.Pod && Uid == other.Uid;

    public override int GetHashCode() => HashCode.Combine(Namespace, Pod, Uid);

    public override string ToString() => $"{Namespace}/{Pod}";
}
