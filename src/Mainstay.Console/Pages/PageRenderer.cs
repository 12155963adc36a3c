using Mainstay.ConsoleSite.Overview;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Components to HTML, in one go, without circuit or state. A renderer lives for one rendering: it would otherwise keep
/// every component it has ever made.
/// </summary>
internal sealed class PageRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    /// <summary>The live parts, by the id of their element.</summary>
    public async Task<IReadOnlyList<Island>> IslandsAsync(Home home)
    {
        var parameters = new Dictionary<string, object?> { ["Model"] = home.Overview };
        var incidents = new Dictionary<string, object?> { ["Incidents"] = home.Incidents, ["Now"] = home.Overview.At };
        var changes = new Dictionary<string, object?> { ["Changes"] = home.Changes, ["Now"] = home.Overview.At };
        var proofs = new Dictionary<string, object?> { ["Proofs"] = home.Proofs, ["Now"] = home.Overview.At };
        return
        [
            new Island("verdict", await RenderAsync<VerdictPanel>(parameters)),
            new Island("journeys", await RenderAsync<JourneysPanel>(parameters)),
            new Island("incidents-now", await RenderAsync<IncidentsPanel>(incidents)),
            new Island("changes-now", await RenderAsync<ChangesPanel>(changes)),
            new Island("services", await RenderAsync<ServicesPanel>(parameters)),
            new Island("routers", await RenderAsync<RoutersPanel>(parameters)),
            new Island("proofs", await RenderAsync<ProofsPanel>(proofs)),
            new Island("nodes", await RenderAsync<NodesPanel>(parameters)),
        ];
    }

    public async Task<string> RenderAsync<TComponent>(Dictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters));
            return root.ToHtmlString();
        });
    }
}

internal sealed record Island(string Id, string Html);
