using System.Collections;
using System.CommandLine;
using Mainstay.Agent;
using Mainstay.Agent.Proof;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary><c>mainstay node</c>: one node agent, in the foreground.</summary>
internal static class NodeCommand
{
    /// <summary>What of the agent's own environment its containers find in theirs.</summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "SSL_CERT_DIR", "SSL_CERT_FILE"];

    private const string PathDefault = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static Command Create()
    {
        var name = new Option<string>("--name") { Required = true, Description = "the node's name, such as node-1" };
        var address = new Option<string>("--address") { Required = true, Description = "the node's own IPv4 address" };
        var cidr = new Option<string>("--pod-cidr") { Required = true, Description = "where pods get addresses from" };
        var zone = new Option<string?>("--zone") { Description = "label topology.kubernetes.io/zone" };
        var data = new Option<string>("--data-dir") { Required = true, Description = "the agent's state, pods' logs" };
        var images = new Option<string>("--images") { Required = true, Description = "the image store" };
        var volumes = new Option<string>("--volumes") { Required = true, Description = "hostPath /x is x here" };
        var manifests = new Option<string?>("--manifests") { Description = "folder of static pods" };
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "the API server; none: static pods only" };
        var port = new Option<int>("--port") { DefaultValueFactory = _ => NodeAgentOptions.PortDefault };
        var labels = new Option<string?>("--labels") { Description = "more labels of the node: k=v,k=v" };
        var maxPods = new Option<int>("--max-pods") { DefaultValueFactory = _ => NodeAgentOptions.MaxPodsDefault };
        var prove = new Option<bool>("--prove")
        {
            Description = "start nothing: rehearse a start, say in one line of JSON what is missing, end",
        };
        var command = new Command("node", "Run a node agent: pods as processes")
        {
            name, address, cidr, zone, data, images, volumes, manifests, kubeconfig, port, labels, maxPods,
            prove,
        };
        command.SetAction(async (words, cancellationToken) =>
        {
            var options = new NodeAgentOptions
            {
                Name = words.GetRequiredValue(name),
                Address = words.GetRequiredValue(address),
                PodCidr = words.GetRequiredValue(cidr),
                Zone = words.GetValue(zone),
                DataFolder = words.GetRequiredValue(data),
                ImagesFolder = words.GetRequiredValue(images),
                VolumesFolder = words.GetRequiredValue(volumes),
                ManifestsFolder = words.GetValue(manifests),
                KubeconfigFile = words.GetValue(kubeconfig),
                Port = words.GetValue(port),
                MaxPods = words.GetValue(maxPods),
                Labels = ParseLabels(words.GetValue(labels)),
                HostEnvironment = HostEnvironment(),
                ThrowAway = ThrowAway(),
            };
            if (words.GetValue(prove))
            {
                await using var output = Console.OpenStandardOutput();
                await NodeAgentHost.ProveAsync(options, output, cancellationToken);
                return ExitCodes.Ok;
            }

            await NodeAgentHost.RunAsync(options, cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>This very command once more, with the word that makes it a rehearsal.</summary>
    private static ThrowAwayCommand? ThrowAway()
    {
        if (Environment.ProcessPath is not { } program)
        {
            return null;
        }

        var words = Environment.GetCommandLineArgs();
        // Under the dotnet host the first word is the assembly, which the host has to be told.
        string[] start = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, Path.GetFullPath(words[0])] : [program];
        return new ThrowAwayCommand(
            [.. start, .. words.Skip(1), "--prove"],
            [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}")]);
    }

    private static Dictionary<string, string> ParseLabels(string? text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw new StartException($"--labels: \"{pair}\" is not k=v", "write --labels a=b,c=d", ExitCodes.Usage);
            }

            labels[pair[..equals]] = pair[(equals + 1)..];
        }

        return labels;
    }

    private static Dictionary<string, string> HostEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = PathDefault };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string key, Value: string value } && Inherited.Contains(key, StringComparer.Ordinal))
            {
                environment[key] = value;
            }
        }

        return environment;
    }
}
