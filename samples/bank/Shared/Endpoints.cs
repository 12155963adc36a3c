using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bank.Shared;

/// <summary>
/// Typed endpoints without reflection: the body is read, checked for shape, handled, and the answer written.
/// </summary>
internal static class Endpoints
{
    public static void Get<T>(
        this WebApplication app, string pattern, JsonTypeInfo<T> type, Func<HttpContext, Task<Answer<T>>> handle)
        where T : class =>
        app.MapGet(pattern, async context => await context.WriteAsync(await handle(context), type));

    public static void Post<TBody, TAnswer>(
        this WebApplication app, string pattern, Wire<TBody, TAnswer> wire,
        Func<TBody, CancellationToken, Task<Answer<TAnswer>>> handle)
        where TBody : class
        where TAnswer : class =>
        app.MapPost(pattern, context => HandleBodyAsync(context, wire, handle));

    public static void Put<TBody, TAnswer>(
        this WebApplication app, string pattern, Wire<TBody, TAnswer> wire,
        Func<TBody, CancellationToken, Task<Answer<TAnswer>>> handle)
        where TBody : class
        where TAnswer : class =>
        app.MapPut(pattern, context => HandleBodyAsync(context, wire, handle));

    /// <summary>The value of a route's {name}.</summary>
    public static string RouteText(this HttpContext context, string name) =>
        context.Request.RouteValues[name] as string ?? "";

    private static async Task HandleBodyAsync<TBody, TAnswer>(
        HttpContext context, Wire<TBody, TAnswer> wire, Func<TBody, CancellationToken, Task<Answer<TAnswer>>> handle)
        where TBody : class
        where TAnswer : class
    {
        var read = await ReadAsync(context, wire.Body);
        if (read.IsProblem(out var problem, out var body))
        {
            await context.WriteProblemAsync(problem);
            return;
        }

        await context.WriteAsync(await handle(body, context.RequestAborted), wire.Answer);
    }

    private static async Task<Answer<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> json)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            return new Problem(
                "not-json", 415, $"Content-Type must be application/json, it is '{context.Request.ContentType}'");
        }

        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, json, context.RequestAborted);
            return body is null ? Problem.Malformed("the body is the JSON null; an object is needed") : body;
        }
        catch (JsonException fault)
        {
            return Problem.Malformed(fault.Message, fault.Path is { Length: > 2 } path ? path[2..] : null);
        }
        catch (BadHttpRequestException fault)
        {
            var type = fault.StatusCode == 413 ? "body-too-large" : "malformed-request";
            return new Problem(type, fault.StatusCode, fault.Message);
        }
    }
}

/// <summary>How a body and its answer are read and written.</summary>
internal sealed record Wire<TBody, TAnswer>(JsonTypeInfo<TBody> Body, JsonTypeInfo<TAnswer> Answer);
