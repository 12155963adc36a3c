using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Overview;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// The incident room and its forms. A form is answered by sending the reader to the room; the messages go out by the
/// console's own loop.
/// </summary>
internal sealed class IncidentPages(IncidentDesk desk, HomeSource homes, PageRenderer renderer, FormGuard guard)
{
    private static readonly string[] Methods = ["GET", "HEAD"];

    private readonly GuardedForms _forms = new(guard, homes, renderer, "Incidents", "/incidents");

    public static void Map(WebApplication app)
    {
        var pages = ActivatorUtilities.CreateInstance<IncidentPages>(app.Services);
        app.MapMethods("/incidents", Methods, pages.ListAsync);
        app.MapPost("/incidents", context => pages.ActAsync(context, (_, ask) => pages.Declared(ask)));
        app.MapMethods("/incidents/{id}", Methods, pages.RoomAsync);
        app.MapMethods("/incidents/{id}/{file}", Methods, pages.ExportAsync);
        app.MapPost("/incidents/{id}/update", context => pages.ActAsync(context, pages.Updated));
        app.MapPost("/incidents/{id}/resolve", context => pages.ActAsync(context, pages.Resolved));
        app.MapPost("/incidents/{id}/note", context => pages.ActAsync(context, pages.Noted));
        app.MapMethods("/api/incidents", Methods, pages.JsonAsync);
    }

    private IncidentOutcome Declared(IncidentAsk ask) => desk.Declare(ask);

    private IncidentOutcome Updated(string id, IncidentAsk ask) => desk.Update(id, ask);

    private IncidentOutcome Resolved(string id, IncidentAsk ask) => desk.Resolve(id, ask);

    private IncidentOutcome Noted(string id, IncidentAsk ask) => desk.Note(id, ask);

    private async Task ListAsync(HttpContext context)
    {
        var home = homes.Now();
        await SitePages.WriteAsync(context, await renderer.RenderAsync<IncidentsPage>(new Dictionary<string, object?>
        {
            [nameof(IncidentsPage.Home)] = home,
            [nameof(IncidentsPage.Around)] = Frame.Of(home, "Incidents", "Incidents", "/incidents"),
            [nameof(IncidentsPage.Token)] = _forms.Token,
        }));
    }

    private async Task RoomAsync(HttpContext context)
    {
        var home = homes.Now();
        var id = Id(context);
        try
        {
            var report = desk.Report(id);
            var title = $"{IncidentWords.Of(report.Incident.Severity)} {report.Incident.Title}";
            var around = Frame.Of(home, title, "Incidents", $"/incidents/{report.Incident.Id}");
            await SitePages.WriteAsync(context, await renderer.RenderAsync<IncidentPage>(new Dictionary<string, object?>
            {
                [nameof(IncidentPage.Home)] = home,
                [nameof(IncidentPage.Around)] = around,
                [nameof(IncidentPage.Report)] = report,
                [nameof(IncidentPage.Token)] = _forms.Token,
                [nameof(IncidentPage.UseDraft)] = context.Request.Query.ContainsKey("draft"),
            }));
        }
        catch (StartException fault)
        {
            await _forms.NoticeAsync(context, StatusCodes.Status404NotFound, "No such incident", fault.Message);
        }
    }

    private async Task ExportAsync(HttpContext context)
    {
        var file = context.GetRouteValue("file") as string;
        var (format, forPublic) = file switch
        {
            "export.md" => ("md", false),
            "export.json" => ("json", false),
            "public.md" => ("md", true),
            "public.json" => ("json", true),
            _ => ("", false),
        };
        if (format.Length == 0)
        {
            await _forms.NoticeAsync(
                context,
                StatusCodes.Status404NotFound,
                "No such export",
                "There are export.md, export.json, public.md and public.json.");
            return;
        }

        try
        {
            var bytes = desk.Export(Id(context), format, forPublic);
            context.Response.ContentType = format == "md" ? "text/plain; charset=utf-8" : "application/json";
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
        catch (StartException fault)
        {
            await _forms.NoticeAsync(context, StatusCodes.Status404NotFound, "Not exported", fault.Message);
        }
    }

    private async Task JsonAsync(HttpContext context)
    {
        try
        {
            var list = desk.ListJson();
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(list, context.RequestAborted);
        }
        catch (StartException fault)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(fault.Message, context.RequestAborted);
        }
    }

    private Task ActAsync(HttpContext context, Func<string, IncidentAsk, IncidentOutcome> act) =>
        _forms.ActAsync(context, form => $"/incidents/{act(Id(context), Ask(form)).Incident.Id}");

    private static IncidentAsk Ask(IFormCollection form)
    {
        var lead = form["lead"].ToString() is { Length: > 0 } name
            ? [$"lead={name.Replace(',', ' ')}"]
            : Array.Empty<string>();
        return new IncidentAsk
        {
            By = form["by"].ToString(),
            Title = Text(form, "title"),
            Severity = Text(form, "severity"),
            Status = Text(form, "status"),
            Message = Text(form, "message"),
            Public = Text(form, "public"),
            Roles = string.Join(',', [.. lead, .. Pairs(form, "role:")]),
            Components = string.Join(',', Pairs(form, "component:")),
        };
    }

    private static string? Text(IFormCollection form, string name) =>
        form[name].ToString() is { Length: > 0 } text ? text.ReplaceLineEndings("\n") : null;

    private static IEnumerable<string> Pairs(IFormCollection form, string prefix) => form
        .Where(field => field.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Where(field => !string.IsNullOrWhiteSpace(field.Value.ToString()))
        .Select(field => $"{field.Key[prefix.Length..].Replace(',', ' ')}={field.Value.ToString().Replace(',', ' ')}");

    private static string Id(HttpContext context) => context.GetRouteValue("id") as string ?? "";
}
