using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bank.Shared;

/// <summary>What a call gives: a value, or the reason why not. Expected outcomes are returned, not thrown.</summary>
internal readonly record struct Answer<T>
    where T : class
{
    private Answer(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    public T? Value { get; }

    public Problem? Problem { get; }

    public bool IsProblem([NotNullWhen(true)] out Problem? problem, [NotNullWhen(false)] out T? value)
    {
        (problem, value) = (Problem, Value);
        return problem is not null;
    }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Problem problem) => new(null, problem);
}

/// <summary>The reason why not, as RFC 9457 puts it on the wire: application/problem+json.</summary>
/// <param name="Type">a word that a program can rely on</param>
/// <param name="Field">which field of the request is at fault, if one is</param>
/// <param name="Service">which service said so</param>
internal sealed record Problem(string Type, int Status, string Detail, string? Field = null, string? Service = null)
{
    public string Title => Type.Replace('-', ' ');

    /// <summary>The request is understood, and its content cannot be done.</summary>
    public static Problem Invalid(string field, string detail) => new("invalid-field", 422, detail, field);

    public static Problem Malformed(string detail, string? field = null) =>
        new("malformed-request", 400, detail, field);

    public static Problem NotFound(string what, string id) => new($"unknown-{what}", 404, $"there is no {what} '{id}'");
}

internal static class AnswerWriting
{
    public static Task WriteAsync<T>(this HttpContext context, Answer<T> answer, JsonTypeInfo<T> type)
        where T : class =>
        answer.IsProblem(out var problem, out var value)
            ? context.WriteProblemAsync(problem)
            : context.WriteJsonAsync(value, type, "application/json");

    public static Task WriteProblemAsync(this HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        return context.WriteJsonAsync(problem, BankJson.Default.Problem, "application/problem+json");
    }

    private static async Task WriteJsonAsync<T>(
        this HttpContext context, T value, JsonTypeInfo<T> type, string contentType)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
