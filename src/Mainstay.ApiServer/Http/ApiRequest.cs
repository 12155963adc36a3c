using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>One request for a resource, as the endpoints take it.</summary>
internal sealed record ApiRequest(HttpContext Http, RequestInfo Info, ResourceType Type, ApiUser User)
{
    public CancellationToken Aborted => Http.RequestAborted;

    public string Key => Type.StorageKey(Info.Namespace, Info.Name);

    /// <summary>What errors name: the object in the path.</summary>
    public Subject Subject => Type.SubjectOf(Info.Name);

    public bool IsDryRun
    {
        get
        {
            var values = Http.Request.Query["dryRun"];
            return values.Count switch
            {
                0 => false,
                _ when values.All(value => value == "All") => true,
                _ => throw new RefusedException(KubeStatus.Invalid(
                    new Subject("meta.k8s.io", "", "CreateOptions", ""),
                    [
                        new StatusCause(
                            "FieldValueNotSupported",
                            $"Unsupported value: \"{values}\": supported values: \"All\"",
                            "dryRun"),
                    ])),
            };
        }
    }

    public FieldValidation FieldValidation => Http.Request.Query["fieldValidation"].ToString() switch
    {
        "Strict" => FieldValidation.Strict,
        "Ignore" => FieldValidation.Ignore,
        "" or "Warn" => FieldValidation.Warn,
        var other => throw new RefusedException(KubeStatus.Invalid(
            new Subject("meta.k8s.io", "", "CreateOptions", ""),
            [
                new StatusCause(
                    "FieldValueNotSupported",
                    $"Unsupported value: \"{other}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                    "fieldValidation"),
            ])),
    };
}

internal static class ResourceTypeSubjects
{
    public static Subject SubjectOf(this ResourceType type, string name) =>
        new(type.Group, type.Plural, type.Kind, name);
}
