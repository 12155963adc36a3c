using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// A machine without clang and gcc: the router cannot be compiled ahead of time, and everything runs all the same.
/// </summary>
public sealed class NoLinkerTests
{
    private static readonly string[] Linkers =
        ["clang", "gcc", "cc", "ld", "x86_64-linux-gnu-gcc", "lld", "ld.lld", "ld.bfd"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_linker_the_router_runs_by_the_JIT_and_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("mainstay-nolinker-");
        try
        {
            var environment = new Dictionary<string, string>
            {
                ["PATH"] = PathWithout(folder.CreateSubdirectory("bin").FullName),
                ["MAINSTAY_OUT"] = folder.CreateSubdirectory("out").FullName,
            };
            var build = await new Command(SourceTree.Path("eng/build"))
            {
                Deadline = TimeSpan.FromMinutes(10),
                Environment = environment,
            }.RunAsync(Cancel);
            Assert.Contains("no linker", build.Succeeded().Error, StringComparison.Ordinal);

            await using var platform = await RunningPlatform.UpAsync(environment, ["--sample", "none"], Cancel);

            Assert.Contains("run by the JIT", platform.UpOutput, StringComparison.Ordinal);
            var table = await platform.TableAsync(1, Cancel);
            Assert.Equal("node-1", table.GetProperty("node").GetString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A folder of links to every program on the path but the linkers.</summary>
    private static string PathWithout(string folder)
    {
        foreach (var place in new[] { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin" })
        {
            var programs = Directory.Exists(place) ? Directory.EnumerateFiles(place) : [];
            foreach (var program in programs.Where(program => !IsLinker(Path.GetFileName(program))))
            {
                var link = Path.Combine(folder, Path.GetFileName(program));
                if (!Path.Exists(link))
                {
                    File.CreateSymbolicLink(link, program);
                }
            }
        }

        if (!Path.Exists(Path.Combine(folder, "dotnet")))
        {
            var host = Environment.ProcessPath?.EndsWith("/dotnet", StringComparison.Ordinal) == true
                ? Environment.ProcessPath
                : Path.GetFullPath(Path.Combine(
                    System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
            File.CreateSymbolicLink(Path.Combine(folder, "dotnet"), host);
        }

        return folder;
    }

    private static bool IsLinker(string program) =>
        Linkers.Contains(program)
        || program.StartsWith("gcc-", StringComparison.Ordinal)
        || program.StartsWith("clang-", StringComparison.Ordinal);
}
