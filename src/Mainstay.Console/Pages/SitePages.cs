using System.Globalization;
using Mainstay.ConsoleSite.Overview;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>The addresses of the pages that only read. Each is one answer that says everything.</summary>
internal sealed class SitePages(HomeSource homes, PageRenderer renderer)
{
    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void Map(WebApplication app)
    {
        var pages = ActivatorUtilities.CreateInstance<SitePages>(app.Services);
        app.MapMethods("/", Methods, pages.OverviewAsync);
        app.MapMethods("/services", Methods, context => pages.SendAsync<ServicesPage>(context, "Services", true));
        app.MapMethods("/services/{space}/{name}", Methods, pages.ServiceAsync);
        app.MapMethods("/discovery", Methods, context => pages.SendAsync<DiscoveryPage>(context, "Discovery", false));
        app.MapMethods("/nodes", Methods, context => pages.SendAsync<NodesPage>(context, "Nodes", true));
        app.MapMethods("/changes", Methods, pages.ChangesAsync);
    }

    /// <summary>
    /// Reloading by itself is the reader's choice: it takes a link that is shown where there is no script.
    /// </summary>
    internal static int? RefreshSeconds(HttpContext context)
    {
        var asked = context.Request.Query["refresh"].ToString();
        return int.TryParse(asked, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3600
            ? seconds
            : null;
    }

    internal static async Task WriteAsync(HttpContext context, string html)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, context.RequestAborted);
    }

    private async Task OverviewAsync(HttpContext context)
    {
        var home = homes.Now();
        await WriteAsync(context, await renderer.RenderAsync<OverviewPage>(new Dictionary<string, object?>
        {
            [nameof(OverviewPage.Model)] = home.Overview,
            [nameof(OverviewPage.Incidents)] = home.Incidents,
            [nameof(OverviewPage.Changes)] = home.Changes,
            [nameof(OverviewPage.Server)] = home.Server,
            [nameof(OverviewPage.RefreshSeconds)] = RefreshSeconds(context),
        }));
    }

    /// <summary>A page that is made of the picture of now and nothing else.</summary>
    private Task SendAsync<TPage>(HttpContext context, string section, bool live)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        var home = homes.Now();
        return SendAsync<TPage>(context, home, Around(context, home, section, live), []);
    }

    private async Task ServiceAsync(HttpContext context)
    {
        var home = homes.Now();
        var (space, name) = (Route(context, "space"), Route(context, "name"));
        var row = home.Overview.Services.Rows.FirstOrDefault(one => one.Namespace == space && one.Name == name);
        if (row is null)
        {
            await NothingAsync(context, home, $"There is no service {space}/{name}, and nobody calls that name.");
            return;
        }

        var around = Around(context, home, "Services", live: false) with { Title = $"{row.State.Sign} {name}" };
        await SendAsync<ServicePage>(context, home, around, new() { [nameof(ServicePage.Row)] = row });
    }

    private Task ChangesAsync(HttpContext context)
    {
        var home = homes.Now();
        return SendAsync<ChangesPage>(context, home, Around(context, home, "Changes", live: false), new()
        {
            [nameof(ChangesPage.For)] = Cut(context.Request.Query["for"].ToString()),
            [nameof(ChangesPage.What)] = context.Request.Query["what"].ToString(),
            [nameof(ChangesPage.Query)] = context.Request.Query["q"].ToString(),
        });
    }

    private async Task NothingAsync(HttpContext context, Home home, string text)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        await WriteAsync(context, await renderer.RenderAsync<NoticePage>(new Dictionary<string, object?>
        {
            [nameof(NoticePage.Around)] = Around(context, home, "Services", live: false),
            [nameof(NoticePage.Heading)] = "Not found",
            [nameof(NoticePage.Text)] = text,
            [nameof(NoticePage.Back)] = "/services",
        }));
    }

    private async Task SendAsync<TPage>(
        HttpContext context, Home home, Frame around, Dictionary<string, object?> more)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        more["Home"] = home;
        more["Around"] = around;
        await WriteAsync(context, await renderer.RenderAsync<TPage>(more));
    }

    private static Frame Around(HttpContext context, Home home, string section, bool live) =>
        Frame.Of(home, section, section, PathOf(context)) with
        {
            RefreshSeconds = RefreshSeconds(context),
            Live = live,
        };

    /// <summary>The address without the wish to be loaded again.</summary>
    private static string PathOf(HttpContext context)
    {
        var kept = context.Request.Query
            .Where(pair => pair.Key != "refresh")
            .SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value));
        return context.Request.Path + QueryString.Create(kept);
    }

    /// <summary>Names of signals and services are shorter: what is longer is not repeated on the page.</summary>
    private static string Cut(string text) => text.Length > 300 ? text[..300] : text;

    private static string Route(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";
}
