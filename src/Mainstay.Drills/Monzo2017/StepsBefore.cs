using System.Text.Json.Nodes;
using Mainstay.Drills.Faults;
using Mainstay.Drills.Stage;
using Mainstay.Drills.Timeline;
using Mainstay.Kernel;

namespace Mainstay.Drills.Monzo2017;

/// <summary>What lay ready before the day: a store that had grown, and a Service without replicas.</summary>
internal sealed class StepsBefore(DrillScene scene)
{
    public const string Members = "members";
    public const string NullObject = "null-object";

    private const int MemberTries = 6;
    private static readonly TimeSpan MemberPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MemberDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan CheckDeadline = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan RolloutDeadline = TimeSpan.FromSeconds(60);

    public IEnumerable<DrillStep> All()
    {
        var members = scene.Stage.Options.Zones + scene.Pace.StoreMembersAdded;
        yield return new DrillStep(
            Members, "two weeks before", StepKind.Action,
            $"the store grows from {scene.Stage.Options.Zones} to {members} members under load", TimeSpan.Zero)
        {
            ActAsync = GrowStoreAsync,
        };
        yield return new DrillStep(
            "empty-service", "one day before", StepKind.Action,
            $"{Story.Empty} is deployed, then scaled to zero; its Service stays", scene.Pace.Minutes(2))
        {
            ActAsync = LeaveEmptyServiceAsync,
        };
        yield return new DrillStep(
            NullObject, "one day before", StepKind.Fault,
            $"lists of the API servers have null where {Story.Empty} has no endpoints", scene.Pace.Minutes(1))
        {
            ActAsync = MakeNullAsync,
        };
    }

    private async Task<string> GrowStoreAsync(CancellationToken cancellationToken)
    {
        var words = "";
        for (var added = 0; added < scene.Pace.StoreMembersAdded; added++)
        {
            var result = await AddMemberAsync(cancellationToken);
            if (result.ExitCode != ExitCodes.Ok)
            {
                scene.InVain.Add(Members);
                return $"{added} of {scene.Pace.StoreMembersAdded} joined; the next was refused: {Refusal(result)}";
            }

            words = result.Output.Trim().Split('\n')[^1];
        }

        return words;
    }

    /// <summary>What is refused for now, since the store is slow say, is asked for again.</summary>
    private async Task<ChildResult> AddMemberAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await scene.Stage.MainstayAsync(
                MemberDeadline, cancellationToken, "store", "members", "add", "--yes");
            if (result.ExitCode == ExitCodes.Ok || attempt == MemberTries)
            {
                return result;
            }

            await scene.Waits.UntilAsync(_ => Task.FromResult(false), MemberPause, cancellationToken);
        }
    }

    private static string Refusal(ChildResult result) =>
        result.Output.Split('\n').FirstOrDefault(line => line.StartsWith("REFUSED", StringComparison.Ordinal))
            ?? result.Said;

    private async Task<string> LeaveEmptyServiceAsync(CancellationToken cancellationToken)
    {
        await scene.Cluster.CreateAsync(
            $"/apis/apps/v1/namespaces/{Story.Namespace}/deployments", Manifests.Deployment(), cancellationToken);
        await scene.Cluster.CreateAsync(
            $"/api/v1/namespaces/{Story.Namespace}/services", Manifests.Service(), cancellationToken);
        await scene.Stage.UntilAsync(
            $"{Story.Empty} to run", token => scene.Cluster.IsRolledOutAsync(Story.Empty, token), RolloutDeadline,
            cancellationToken);
        await scene.Cluster.ScaleAsync(Story.Empty, 0, cancellationToken);
        await scene.Stage.UntilAsync(
            $"{Story.Empty} to be gone", token => scene.Cluster.IsRolledOutAsync(Story.Empty, token), RolloutDeadline,
            cancellationToken);
        return "no replica runs, the Service exists";
    }

    private async Task<string> MakeNullAsync(CancellationToken cancellationToken)
    {
        // In lists alone: so it was, and so it waits unseen until somebody lists anew.
        var fault = ApiFault.NullWhenEmpty(Story.Namespace, Story.Empty) with { Verbs = [ApiVerb.List] };
        foreach (var proxy in scene.Stage.RouterProxies)
        {
            proxy.Faults.TurnOn(fault);
        }

        scene.Faults.Begin(
            NullObject, "null in every list, where a Service has no endpoints", ["null-in-object"], [Story.Empty]);
        return await CheckAsync(cancellationToken);
    }

    /// <summary>Who runs has listed before and sees nothing of it; a check lists as a fresh router would.</summary>
    private async Task<string> CheckAsync(CancellationToken cancellationToken)
    {
        var check = await scene.Stage.MainstayAsync(
            CheckDeadline, cancellationToken, "check", "--kubeconfig",
            scene.Stage.Path($"auth/router-{scene.Stage.Addresses.Nodes[0]}.kubeconfig"));
        var named = check.Output.Split('\n').FirstOrDefault(line =>
            line.Contains(Story.Empty, StringComparison.Ordinal) && line.Contains("null", StringComparison.Ordinal));
        if (named is null)
        {
            return "'mainstay check' does not name it";
        }

        scene.Faults.NamedByCheck(
            NullObject, "mainstay check", named.Trim(), "give the Service endpoints, or delete it if it is not used");
        return $"'mainstay check --kubeconfig' names it: {named.Trim()}";
    }

    private static class Manifests
    {
        private static readonly (string Key, string Value) Label = ("app.kubernetes.io/name", Story.Empty);

        public static JsonObject Deployment() => new()
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["metadata"] = Metadata(),
            ["spec"] = new JsonObject
            {
                ["replicas"] = 1,
                ["selector"] = new JsonObject { ["matchLabels"] = Labels() },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = Labels() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(Container()) },
                },
            },
        };

        public static JsonObject Service() => new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = Metadata(),
            ["spec"] = new JsonObject
            {
                ["selector"] = Labels(),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 80, ["targetPort"] = "http" }),
            },
        };

        private static JsonObject Container() => new()
        {
            ["name"] = Story.Empty,
            ["image"] = "bank/accounts:v1",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["containerPort"] = 8080 }),
            ["env"] = new JsonArray(new JsonObject
            {
                ["name"] = "POD_IP",
                ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "status.podIP" } },
            }),
            ["readinessProbe"] = new JsonObject
            {
                ["httpGet"] = new JsonObject { ["path"] = "/healthz", ["port"] = "http" },
                ["periodSeconds"] = 1,
            },
        };

        private static JsonObject Metadata() =>
            new() { ["name"] = Story.Empty, ["namespace"] = Story.Namespace, ["labels"] = Labels() };

        private static JsonObject Labels() => new() { [Label.Key] = Label.Value };
    }
}
