using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mainstay.Tests.Architecture;

/// <summary>The rules of the house style over one file's text: each names place and rule.</summary>
internal static class Tidy
{
    private const int FileLinesMax = 500;
    private const int LineColumnsMax = 120;
    private const int MethodLinesMax = 70;
    private const int ParametersMax = 4;

    private static readonly string[] BannedSuffixes = ["Manager", "Helper", "Helpers", "Utils", "Util", "Base"];

    public static IEnumerable<string> Lines(string file, string text)
    {
        var lines = text.Split('\n');
        if (lines.Length > FileLinesMax)
        {
            yield return $"{file} has {lines.Length} lines; {FileLinesMax} at most";
        }

        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > LineColumnsMax)
            {
                yield return $"{file}({i + 1}) has {lines[i].Length} columns; {LineColumnsMax} at most";
            }

            if (lines[i].TrimStart().StartsWith("#region", StringComparison.Ordinal))
            {
                yield return $"{file}({i + 1}) has a #region; split the file by concept";
            }
        }
    }

    /// <summary>
    /// A part of the platform calls another directly, whatever its environment says of proxies: each handler says which
    /// it wants.
    /// </summary>
    public static IEnumerable<string> Proxies(string file, string text)
    {
        foreach (var made in Root(text).DescendantNodes().OfType<BaseObjectCreationExpressionSyntax>())
        {
            var type = made is ObjectCreationExpressionSyntax named
                ? named.Type.ToString()
                : (made.Parent?.Parent?.Parent as VariableDeclarationSyntax)?.Type.ToString();
            var said = made.Initializer?.Expressions.OfType<AssignmentExpressionSyntax>() ?? [];
            if (type is "SocketsHttpHandler" && said.All(one => one.Left.ToString() != "UseProxy"))
            {
                yield return $"{file}: a SocketsHttpHandler does not say UseProxy";
            }

            if (type is "HttpClient" && made.ArgumentList is null or { Arguments.Count: 0 })
            {
                yield return $"{file}: an HttpClient without a handler takes the environment's proxy";
            }
        }
    }

    public static IEnumerable<string> Methods(string file, string text)
    {
        foreach (var method in Root(text).DescendantNodes().OfType<BaseMethodDeclarationSyntax>())
        {
            var name = $"{file}#{NameOf(method)}";
            var span = method.GetLocation().GetLineSpan();
            var lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MethodLinesMax)
            {
                yield return $"{name}: {lines} lines; {MethodLinesMax} at most";
            }

            var parameters = method.ParameterList.Parameters.Count(p => p.Type?.ToString() != "CancellationToken");
            var outside = method.AttributeLists.ToString().Contains("Import", StringComparison.Ordinal)
                || method.AttributeLists.ToString().Contains("LoggerMessage", StringComparison.Ordinal)
                || method is ConstructorDeclarationSyntax;
            if (parameters > ParametersMax && !outside)
            {
                yield return $"{name}: {parameters} parameters; {ParametersMax} at most, else a record";
            }

            if (method.Modifiers.Any(SyntaxKind.AsyncKeyword)
                && (method as MethodDeclarationSyntax)?.ReturnType.ToString() == "void")
            {
                yield return $"{name}: async void; return a Task that an owner awaits";
            }

            var assignments = method.DescendantNodes().OfType<AssignmentExpressionSyntax>();
            foreach (var discard in assignments.Where(IsDiscardedTask))
            {
                yield return $"{name}: '{discard}' has no owner; await it";
            }
        }
    }

    public static IEnumerable<string> Names(string file, string text) =>
        from type in Root(text).DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let name = type.Identifier.Text
        where BannedSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal))
        select $"{file}: {name} is no word of the domain";

    public static IEnumerable<string> TestNames(string file, string text)
    {
        foreach (var method in Root(text).DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            var attribute = method.AttributeLists.SelectMany(list => list.Attributes)
                .FirstOrDefault(a => a.Name.ToString() is "Fact" or "Theory");
            if (attribute is null)
            {
                continue;
            }

            var name = method.Identifier.Text;
            if (name.Count(c => c == '_') < 2 || name.EndsWith("_Works", StringComparison.Ordinal)
                || name.EndsWith("_Ok", StringComparison.Ordinal))
            {
                yield return $"{file}: {name} is not a sentence";
            }

            if (attribute.ToString().Contains("Skip =", StringComparison.Ordinal))
            {
                yield return $"{file}: {name} is left out";
            }
        }
    }

    private static bool IsDiscardedTask(AssignmentExpressionSyntax assignment) =>
        assignment.Left is IdentifierNameSyntax { Identifier.Text: "_" }
        && assignment.Right is InvocationExpressionSyntax invocation
        && invocation.Expression.ToString().EndsWith("Async", StringComparison.Ordinal);

    private static string NameOf(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax named => named.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        _ => method.Kind().ToString(),
    };

    private static SyntaxNode Root(string text) => CSharpSyntaxTree.ParseText(text).GetRoot();
}
