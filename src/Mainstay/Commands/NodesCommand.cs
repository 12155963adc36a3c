using System.CommandLine;

namespace Mainstay.Commands;

/// <summary><c>mainstay nodes</c>: what can be done to a node.</summary>
internal static class NodesCommand
{
    public static Command Create() => new("nodes", "Nodes: restart one with care") { NodesRestartCommand.Create() };
}
