using System.Text.Json.Nodes;
using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// The images of the platform's own parts: folders that hold nothing but an image.json naming the program of the build
/// that runs now. They are written anew by each <c>up</c>, so that a new build is taken.
/// </summary>
internal static class PlatformImages
{
    private static readonly string[] EtcdPrograms = ["/usr/bin/etcd", "/usr/local/bin/etcd"];

    public static void Write(PlatformPlan plan)
    {
        var programs = plan.Programs;
        WriteOne(plan.Data, StaticPods.PlatformImage, [programs.Mainstay]);
        WriteOne(
            plan.Data,
            StaticPods.RouterImage,
            programs.Router is { } router ? [router] : [programs.Mainstay, "router"]);
        if (plan.EtcdMembers.Count > 0)
        {
            var etcd = EtcdPrograms.FirstOrDefault(File.Exists) ?? throw new StartException(
                "etcd is not installed", "install it ('apt-get install etcd-server') or leave out --store etcd");
            WriteOne(plan.Data, StaticPods.EtcdImage, [etcd]);
        }
    }

    private static void WriteOne(DataFolder data, string image, string[] entrypoint)
    {
        var folder = Path.Combine(data.Images, image.Replace(':', '/'));
        Directory.CreateDirectory(folder);
        var words = new JsonArray([.. entrypoint.Select(word => (JsonNode)word)]);
        var json = new JsonObject { ["entrypoint"] = words };
        File.WriteAllText(Path.Combine(folder, "image.json"), json.ToJsonString());
    }
}
