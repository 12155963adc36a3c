using Mainstay.Kernel;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>Finds the programs of the build that this one belongs to, as <c>eng/build</c> lays them out.</summary>
internal static class HostPrograms
{
    public static PlatformPrograms Find()
    {
        var build = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."));
        var router = Path.Combine(build, "router", "mainstay-router");
        var home = HomeFolder(build);
        return new PlatformPrograms(
            Path.Combine(AppContext.BaseDirectory, "mainstay"),
            File.Exists(router) ? router : null,
            Path.Combine(build, "bank"),
            Path.Combine(home, "samples", "bank"));
    }

    /// <summary>The checkout: told by the script that built it, else found above the build.</summary>
    private static string HomeFolder(string build)
    {
#pragma warning disable RS0030 // the command line is the one place that reads the environment
        var told = Environment.GetEnvironmentVariable("MAINSTAY_HOME");
#pragma warning restore RS0030
        var home = told ?? Path.GetFullPath(Path.Combine(build, "..", ".."));
        return Directory.Exists(Path.Combine(home, "samples")) ? home : throw new StartException(
            $"the samples are not at {home}/samples",
                "start by ./mainstay of the checkout, or set MAINSTAY_HOME to it");
    }
}
