using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Platform;

/// <summary>Where the programs are that the tests run.</summary>
internal static class Peers
{
    /// <summary>
    /// As <c>./test</c> published it for users; where the tests run by themselves, as the compiler left it.
    /// </summary>
    public static string Mainstay { get; } =
        Environment.GetEnvironmentVariables()["MAINSTAY_BUILD"] is string build
            ? Path.Combine(build, "mainstay", "mainstay")
            : SourceTree.Path("src/Mainstay/bin/Release/net10.0/mainstay");

    /// <summary>kube-apiserver as Debian's sources build it; null on a machine that has not built it.</summary>
    public static string? KubeApiServer
    {
        get
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var path = Path.Combine(home, ".cache", "mainstay-peers", "kubernetes-1.20.2", "kube-apiserver");
            return File.Exists(path) ? path : null;
        }
    }
}
