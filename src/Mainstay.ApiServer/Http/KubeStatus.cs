using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// The Status object every refusal is answered with, and the one table of reasons, codes and texts. The texts are those
/// of kube-apiserver, because clients match them.
/// </summary>
internal sealed record KubeStatus(int Code, string Reason, string Message)
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public StatusDetails? Details { get; init; }

    /// <summary>Metadata.continue: where an expired list may go on, at the price of consistency.</summary>
    public string Continue { get; init; } = "";

    public string? ResourceVersion { get; init; }

    public bool Success { get; init; }

    // === objects ===

    public static KubeStatus NotFound(Subject subject) =>
        new(404, "NotFound", $"{subject.Qualified} \"{subject.Name}\" not found") { Details = subject.ToDetails() };

    public static KubeStatus AlreadyExists(Subject subject) =>
        new(409, "AlreadyExists", $"{subject.Qualified} \"{subject.Name}\" already exists")
        {
            Details = subject.ToDetails(),
        };

    /// <summary>A random suffix met an existing name: the client may simply try again.</summary>
    public static KubeStatus GenerateNameTaken(Subject subject) =>
        AlreadyExists(subject) with
        {
            Message = $"{subject.Qualified} \"{subject.Name}\" already exists, the server was not able to generate a "
                + "unique name for the object",
        };

    public static KubeStatus Conflict(Subject subject, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {subject.Qualified} \"{subject.Name}\": {why}")
        {
            Details = subject.ToDetails(),
        };

    public static KubeStatus Modified(Subject subject) => Conflict(
        subject, "the object has been modified; please apply your changes to the latest version and try again");

    public static KubeStatus UidPrecondition(Subject subject, string wanted, string found) => Conflict(
        subject, $"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}");

    public static KubeStatus RevisionPrecondition(Subject subject, string wanted, string found) => Conflict(
        subject,
        $"Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {found}");

    public static KubeStatus Forbidden(Subject subject, string why) =>
        new(403, "Forbidden", $"{subject.Qualified} \"{subject.Name}\" is forbidden: {why}")
        {
            Details = subject.ToDetails(),
        };

    public static KubeStatus NamespaceTerminating(Subject subject, string ns) =>
        Forbidden(subject, $"unable to create new content in namespace {ns} because it is being terminated") with
        {
            Details = subject.ToDetails() with
            {
                Causes =
                [
                    new StatusCause(
                        "NamespaceTerminating", $"namespace {ns} is being terminated", "metadata.namespace"),
                ],
            },
        };

    /// <summary>422: each cause is one fault of one field.</summary>
    public static KubeStatus Invalid(Subject subject, ImmutableArray<StatusCause> causes)
    {
        var texts = causes.Select(cause => $"{cause.Field}: {cause.Message}").ToList();
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var kind = string.IsNullOrEmpty(subject.Group) ? subject.Kind : $"{subject.Kind}.{subject.Group}";
        return new KubeStatus(422, "Invalid", $"{kind} \"{subject.Name}\" is invalid: {all}")
        {
            Details = subject.ToDetails() with { Kind = subject.Kind ?? "", Causes = causes },
        };
    }

    // === requests ===

    public static KubeStatus BadRequest(string message) => new(400, "BadRequest", message);

    public static KubeStatus Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static KubeStatus NoSuchPath() =>
        new(404, "NotFound", "the server could not find the requested resource") { Details = new StatusDetails() };

    public static KubeStatus MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        {
            Details = new StatusDetails(),
        };

    public static KubeStatus NotAcceptable(string accepted) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {accepted}");

    public static KubeStatus UnsupportedMediaType(string accepted) => new(
        415,
        "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    public static KubeStatus BodyTooLarge(long limitBytes) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limitBytes}");

    public static KubeStatus TooManyRequests(string message) =>
        new(429, "TooManyRequests", message) { Details = new StatusDetails { RetryAfterSeconds = 1 } };

    /// <summary>A patch that is well formed and does not fit the object.</summary>
    public static KubeStatus Unprocessable(string message) =>
        new(422, "Invalid", message) { Details = new StatusDetails() };

    public static KubeStatus PatchTooLarge(string message) => new(413, "RequestEntityTooLarge", message);

    /// <summary>A patch that makes an object with fields that do not exist or are of another type.</summary>
    public static KubeStatus InvalidPatch(string patch, string error)
    {
        const string mark = " cannot be handled as a ";
        var at = error.IndexOf(mark, StringComparison.Ordinal);
        var colon = at < 0 ? -1 : error.IndexOf(": ", at, StringComparison.Ordinal);
        var fault = colon < 0 ? error : error[(colon + 2)..];
        var cause = new StatusCause("FieldValueInvalid", $"Invalid value: {GoText.Quote(patch)}: {fault}", "patch");
        return Invalid(default, [cause]);
    }

    // === revisions ===

    public static KubeStatus RevisionTooOld(long asked, long oldest) =>
        new(410, "Expired", $"too old resource version: {asked} ({oldest})");

    /// <summary>The server itself lost track of what changed: only a new list tells.</summary>
    public static KubeStatus WatchReplaced() =>
        new(410, "Expired", "too old resource version: the watch cache was read anew from the store");

    public static KubeStatus RevisionCompacted() =>
        new(410, "Expired", "The resourceVersion for the provided list is too old.");

    public static KubeStatus ContinueExpired(string inconsistentContinue) => new(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
        + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
        + "list.")
    {
        Continue = inconsistentContinue,
    };

    public static KubeStatus RevisionTooLarge(long asked, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}")
        {
            Details = new StatusDetails
            {
                RetryAfterSeconds = 1,
                Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")],
            },
        };

    // === the server's own state ===

    public static KubeStatus Internal(string why) =>
        new(500, "InternalError", $"Internal error occurred: {why}")
        {
            Details = new StatusDetails { Causes = [new StatusCause("", why, "")] },
        };

    /// <summary>The store cannot be reached: nothing was written, the client may try again.</summary>
    public static KubeStatus StoreUnavailable(string why) =>
        new(503, "ServiceUnavailable", $"the store cannot be reached: {why}")
        {
            Details = new StatusDetails { RetryAfterSeconds = 1 },
        };

    /// <summary>The store did not answer in time: a write may or may not have happened.</summary>
    public static KubeStatus StoreTimeout(string verb) =>
        new(504, "Timeout", $"Timeout: the store did not answer the {verb} in time; it may or may not have happened")
        {
            Details = new StatusDetails { RetryAfterSeconds = 1 },
        };

    public static KubeStatus CacheNotReady(string resource) =>
        new(503, "ServiceUnavailable", $"storage is (re)initializing: {resource} has not been read yet")
        {
            Details = new StatusDetails { RetryAfterSeconds = 1 },
        };

    public static KubeStatus BadGateway(string why) => new(502, "BadGateway", why);

    // === answers that are no refusal ===

    /// <summary>What a delete that removed the object answers.</summary>
    public static KubeStatus Deleted(Subject subject, string uid) =>
        new(200, "", "") { Success = true, Details = subject.ToDetails() with { Uid = uid } };

    public static KubeStatus Created() => new(201, "", "") { Success = true };

    // === the wire ===

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "Status");
            writer.WriteString("apiVersion", "v1");
            writer.WriteStartObject("metadata");
            WriteUnlessEmpty(writer, "resourceVersion", ResourceVersion);
            WriteUnlessEmpty(writer, "continue", Continue);
            writer.WriteEndObject();
            writer.WriteString("status", Success ? "Success" : "Failure");
            WriteUnlessEmpty(writer, "message", Message);
            WriteUnlessEmpty(writer, "reason", Reason);
            Details?.WriteTo(writer);
            if (!Success || Code != 200)
            {
                writer.WriteNumber("code", Code);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    internal static void WriteUnlessEmpty(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}

/// <summary>The object a Status speaks of.</summary>
internal readonly record struct Subject(string Group, string Resource, string Kind, string Name)
{
    /// <summary>The plural with its group, as texts name it: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string Qualified => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    public StatusDetails ToDetails() => new() { Name = Name ?? "", Group = Group ?? "", Kind = Resource ?? "" };
}

internal sealed record StatusCause(string Reason, string Message, string Field);

internal sealed record StatusDetails
{
    public string Name { get; init; } = "";

    public string Group { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Uid { get; init; } = "";

    public ImmutableArray<StatusCause> Causes { get; init; } = [];

    public int RetryAfterSeconds { get; init; }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("details");
        KubeStatus.WriteUnlessEmpty(writer, "name", Name);
        KubeStatus.WriteUnlessEmpty(writer, "group", Group);
        KubeStatus.WriteUnlessEmpty(writer, "kind", Kind);
        KubeStatus.WriteUnlessEmpty(writer, "uid", Uid);
        if (Causes.Length > 0)
        {
            writer.WriteStartArray("causes");
            foreach (var cause in Causes)
            {
                writer.WriteStartObject();
                KubeStatus.WriteUnlessEmpty(writer, "reason", cause.Reason);
                KubeStatus.WriteUnlessEmpty(writer, "message", cause.Message);
                KubeStatus.WriteUnlessEmpty(writer, "field", cause.Field);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (RetryAfterSeconds > 0)
        {
            writer.WriteNumber("retryAfterSeconds", RetryAfterSeconds);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A request is refused. Thrown anywhere below the dispatcher, answered there and nowhere else.</summary>
internal sealed class RefusedException(KubeStatus status) : Exception(status.Message)
{
    public KubeStatus Status { get; } = status;
}
