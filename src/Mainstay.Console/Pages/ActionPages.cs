using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Overview;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Guarded actions: what was done, the plan of one, and its start. A plan and a start are jobs of the desk; their page
/// loads itself again until they have ended. An override is not offered here: whoever needs one has a terminal.
/// </summary>
internal sealed class ActionPages(
    ActionDesk desk, ConsoleDatabase database, HomeSource homes, PageRenderer renderer, FormGuard guard)
{
    /// <summary>Seconds after which the page of a job that is under way loads itself again.</summary>
    private const int WatchSeconds = 2;

    private static readonly string[] Methods = ["GET", "HEAD"];

    private readonly GuardedForms _forms = new(guard, homes, renderer, "Actions", "/actions");

    public static void Map(WebApplication app)
    {
        var pages = ActivatorUtilities.CreateInstance<ActionPages>(app.Services);
        app.MapMethods("/actions", Methods, pages.ListAsync);
        app.MapMethods("/actions/jobs/{id}", Methods, pages.JobAsync);
        app.MapPost("/actions/plan", context => pages._forms.ActAsync(context, pages.Plan));
        app.MapPost("/actions/jobs/{id}/start", context => pages._forms.ActAsync(
            context, form => pages.Start(Id(context), form)));
        app.MapPost("/actions/jobs/{id}/halt", context => pages._forms.ActAsync(
            context, _ => pages.Halt(Id(context))));
    }

    private string Plan(IFormCollection form) => PathOf(desk.Ask(form["what"].ToString(), by: null));

    private string Start(string id, IFormCollection form)
    {
        var planned = desk.Find(id) ?? throw Gone();
        if (planned is not { Plan.WouldGo: true, Goes: false }
            || homes.Now().Overview.At - planned.Plan.At > Limits.PlanShownMax)
        {
            throw new StartException(
                "this is no plan that would go, or it is too old", "plan it again", ExitCodes.Usage);
        }

        return PathOf(desk.Ask(planned.Choice.Word, form["by"].ToString()));
    }

    private string Halt(string id) => desk.Halt(id) ? PathOf(desk.Find(id) ?? throw Gone()) : throw Gone();

    private async Task ListAsync(HttpContext context)
    {
        var home = homes.Now();
        IReadOnlyList<ActionRecord> actions = [];
        string? fault = null;
        try
        {
            var now = home.Overview.At;
            actions = new ActionLedger(database).Between(now.AddDays(-30), now.AddMinutes(1));
        }
        catch (SqliteException broken)
        {
            fault = broken.Message;
        }

        await SitePages.WriteAsync(context, await renderer.RenderAsync<ActionsPage>(new Dictionary<string, object?>
        {
            [nameof(ActionsPage.Around)] = Frame.Of(home, "Actions", "Actions", "/actions") with
            {
                RefreshSeconds = SitePages.RefreshSeconds(context),
            },
            [nameof(ActionsPage.Actions)] = actions,
            [nameof(ActionsPage.Fault)] = fault,
            [nameof(ActionsPage.Choices)] = desk.Choices(),
            [nameof(ActionsPage.Jobs)] = desk.Jobs(),
            [nameof(ActionsPage.Token)] = _forms.Token,
        }));
    }

    private async Task JobAsync(HttpContext context)
    {
        if (desk.Find(Id(context)) is not { } job)
        {
            await _forms.NoticeAsync(context, StatusCodes.Status404NotFound, "Not found", Gone().Message);
            return;
        }

        var home = homes.Now();
        var title = $"{job.Choice.Verb} {job.Choice.Target}";
        await SitePages.WriteAsync(context, await renderer.RenderAsync<JobPage>(new Dictionary<string, object?>
        {
            [nameof(JobPage.Around)] = Frame.Of(home, title, "Actions", PathOf(job)) with
            {
                RefreshSeconds = job.IsUnderWay ? WatchSeconds : SitePages.RefreshSeconds(context),
            },
            [nameof(JobPage.Job)] = job,
            [nameof(JobPage.Record)] = job.Outcome ?? Recorded(job),
            [nameof(JobPage.Now)] = home.Overview.At,
            [nameof(JobPage.Token)] = _forms.Token,
        }));
    }

    /// <summary>What the ledger has of one that runs; null where it has nothing, or cannot be read.</summary>
    private ActionRecord? Recorded(ActionJob job)
    {
        try
        {
            return job is { Goes: true, Plan: { } plan } ? new ActionLedger(database).Find(plan.Id) : null;
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    private static StartException Gone() => new(
        "nothing of that name is known", "the console may have started anew: see the list of actions", ExitCodes.Usage);

    private static string PathOf(ActionJob job) => $"/actions/jobs/{job.Id}";

    private static string Id(HttpContext context) => context.GetRouteValue("id") as string ?? "";
}
