using System.Text.Json;
using Mainstay.ConsoleSite.Checks;

namespace Mainstay.Tests.ConsoleSite.Checks;

/// <summary>Lists of objects for tests, as an API server would send their items.</summary>
internal static class Listing
{
    public static ObjectList Of(ListedKind kind, params string[] items) =>
        new(kind, [.. items.Select(item => JsonDocument.Parse(item).RootElement.Clone())], "");

    public static ObjectList NotServed(ListedKind kind) => new(kind, [], "") { NotServed = true };

    public static string Named(string name, string rest, string revision = "5") =>
        $$$"""{"metadata":{"namespace":"bank","name":"{{{name}}}","resourceVersion":"{{{revision}}}"}{{{rest}}}}""";

    public static string Service(string name) => Named(name, $$$""","spec":{"selector":{"app":"{{{name}}}"}}""");

    public static string Deployment(string name, int replicas) => Named(
        name,
        $$$"""
        ,"spec":{"replicas":{{{replicas}}},"template":{"metadata":{"labels":{"app":"{{{name}}}"} } } }
        """);

    public static string Slice(string name, string endpoints) => $$$"""
        {"metadata":{"namespace":"bank","name":"{{{name}}}-x","labels":{"kubernetes.io/service-name":"{{{name}}}"}},
         "endpoints":{{{endpoints}}},"ports":[{"port":80}]}
        """;
}
