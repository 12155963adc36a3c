using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// Which members of etcd a platform has and had, as <c>DIR/etcd/members.json</c> keeps it: a platform that was grown to
/// nine starts again with nine. A name and an address are never given twice, since an old client may still dial them.
/// Written whole and swapped in by rename.
/// </summary>
internal sealed record MemberBook
{
    public required IReadOnlyList<BookedNode> Nodes { get; init; }

    /// <summary>Present and removed ones, in the order in which they came.</summary>
    public required IReadOnlyList<BookedMember> Members { get; init; }

    [JsonIgnore]
    public IEnumerable<BookedMember> Present => Members.Where(member => !member.Removed);

    /// <summary>Where clients find the present ones, separated by commas.</summary>
    [JsonIgnore]
    public string ClientUrls => string.Join(',', Present.Select(member => $"http://{member.Client}"));

    /// <summary>The book that a platform starts with: the old one's members, or those of the plan.</summary>
    public static MemberBook Of(PlatformPlan plan, MemberBook? before) => new()
    {
        Nodes = [.. plan.Nodes.Select(node => new BookedNode(node.Name, node.Address, node.Zone))],
        Members = before?.Members
            ?? [.. plan.EtcdMembers.Select(member => new BookedMember(
                member.Name, member.NodeName, member.Client, member.Peer, Joined: false, Removed: false))],
    };

    /// <summary>The plan with the members of the book, which must live on nodes of the plan.</summary>
    public PlatformPlan Into(PlatformPlan plan)
    {
        foreach (var node in Nodes.Where(node => Present.Any(member => member.Node == node.Name)))
        {
            if (plan.Nodes.FirstOrDefault(other => other.Name == node.Name)?.Address != node.Address)
            {
                throw new StartException(
                    $"members of etcd live on {node.Name} at {node.Address}, which these options do not have",
                    $"start with the --nodes and --node-offset of before, or not over {plan.Data.Root}");
            }
        }

        return plan with { EtcdMembers = [.. Present.Select(member => member.ToPlan())] };
    }

    public static MemberBook? Read(DataFolder data) => Read(data.EtcdMembers);

    /// <returns>null: there is no such file</returns>
    /// <exception cref="StartException">it is no book</exception>
    public static MemberBook? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), MemberBookJson.Default.MemberBook);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException fault)
        {
            throw new StartException(
                $"{file} cannot be read: {fault.Message}",
                "it names the members of etcd; mend it, or restore it from the names in the folder beside it");
        }
    }

    public void Write(DataFolder data)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(data.EtcdMembers)!); // it lies in a folder
        var next = data.EtcdMembers + ".next";
        File.WriteAllText(next, JsonSerializer.Serialize(this, MemberBookJson.Default.MemberBook));
        File.Move(next, data.EtcdMembers, overwrite: true);
    }

    /// <summary>A member that would join on the node: the next name, and the next free pair of ports there.</summary>
    public BookedMember Next(BookedNode node)
    {
        var number = Members.Max(member => int.Parse(
            member.Name["etcd-".Length..], System.Globalization.CultureInfo.InvariantCulture)) + 1;
        var used = Members.Select(member => member.Client).ToHashSet();
        var port = Enumerable.Range(0, Members.Count + 1)
            .Select(EtcdMemberPlan.ClientPort).First(port => !used.Contains($"{node.Address}:{port}"));
        return new BookedMember(
            $"etcd-{number}", node.Name, $"{node.Address}:{port}", $"{node.Address}:{port + 1}", true, false);
    }

    public string ZoneOf(string memberName) =>
        Members.FirstOrDefault(member => member.Name == memberName) is { } member
        && Nodes.FirstOrDefault(node => node.Name == member.Node) is { } node
            ? node.Zone
            : "";

    public MemberBook With(BookedMember member) => this with { Members = [.. Members, member] };

    public MemberBook WithRemoved(string name) => this with
    {
        Members = [.. Members.Select(member => member.Name == name ? member with { Removed = true } : member)],
    };
}

internal sealed record BookedNode(string Name, string Address, string Zone);

/// <param name="Client">address and port of its clients</param>
/// <param name="Peer">address and port of its peers</param>
/// <param name="Joined">it joined a cluster that ran, as against founding it</param>
/// <param name="Removed">it is a member no more</param>
internal sealed record BookedMember(
    string Name, string Node, string Client, string Peer, bool Joined, bool Removed)
{
    public EtcdMemberPlan ToPlan() => new(Name, Node, Client, Peer) { Joined = Joined };
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MemberBook))]
internal sealed partial class MemberBookJson : JsonSerializerContext;
