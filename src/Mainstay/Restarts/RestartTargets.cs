using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Restarts;

/// <summary>What can be restarted of a platform on this machine, by the words of the command line.</summary>
internal static class RestartTargets
{
    public static readonly string[] Parts = ["routers", "api", "agents"];

    /// <param name="part">one of <see cref="Parts"/></param>
    public static IActionTarget Of(LocalPlatform platform, string part) => part switch
    {
        "routers" => new RouterTarget(platform),
        "api" => new ApiTarget(platform),
        "agents" => new AgentTarget(platform),
        _ => throw new StartException($"there is no part '{part}'", "name routers, api or agents", ExitCodes.Usage),
    };
}

/// <summary>The restarts of the platform over a data folder, for the console's pages.</summary>
internal sealed class RestartSource(DataFolder folder, TimeProvider time) : IActionSource
{
    private const string NodePrefix = "node/";

    public ImmutableArray<ActionChoice> Choices() => RunRecord.Read(folder) is not { } record ? [] :
    [
        .. RestartTargets.Parts.Select(part => new ActionChoice(part, "restart", part)),
        .. record.Nodes.Select(node => new ActionChoice(NodePrefix + node, "nodes restart", node)),
    ];

    public IActionScope Open(ActionChoice choice)
    {
        var platform = LocalPlatform.Open(folder, time);
        return new Scope(platform, choice.Word.StartsWith(NodePrefix, StringComparison.Ordinal)
            ? new NodeTarget(platform, new NodeRestart(choice.Target, KeepsPods: false))
            : RestartTargets.Of(platform, choice.Word));
    }

    private sealed class Scope(LocalPlatform platform, IActionTarget target) : IActionScope
    {
        public IActionTarget Target => target;

        public IActionWorld World => platform.World;

        public void Dispose() => platform.Dispose();
    }
}
