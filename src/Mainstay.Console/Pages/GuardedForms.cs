using Mainstay.ConsoleSite.Overview;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Takes a form of our own pages, does what it asks, and sends the reader to the page that shows it (303), so that
/// loading it again repeats nothing. Whatever is wrong is told on a page with the way back.
/// </summary>
/// <param name="section">the entry of the navigation that the forms belong to</param>
/// <param name="back">where a reader goes on from a fault</param>
internal sealed class GuardedForms(
    FormGuard guard, HomeSource homes, PageRenderer renderer, string section, string back)
{
    public string Token => guard.Token;

    /// <param name="context">the call</param>
    /// <param name="act">does it; returns where the reader is sent</param>
    public async Task ActAsync(HttpContext context, Func<IFormCollection, string> act)
    {
        if (!context.Request.HasFormContentType)
        {
            await NoticeAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "Not done", "This address takes a form.");
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (guard.Refusal(context.Request, form[FormGuard.Field]) is { } refusal)
        {
            await NoticeAsync(context, StatusCodes.Status403Forbidden, "Not done", $"Refused: {refusal}.");
            return;
        }

        try
        {
            var next = act(form);
            homes.Forget();
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = next;
        }
        catch (StartException fault)
        {
            var code = fault.ExitCode == ExitCodes.Usage
                ? StatusCodes.Status400BadRequest
                : StatusCodes.Status503ServiceUnavailable;
            await NoticeAsync(context, code, "Not done", fault.Message);
        }
    }

    public async Task NoticeAsync(HttpContext context, int code, string heading, string text)
    {
        context.Response.StatusCode = code;
        await SitePages.WriteAsync(context, await renderer.RenderAsync<NoticePage>(new Dictionary<string, object?>
        {
            [nameof(NoticePage.Around)] = Frame.Of(homes.Now(), heading, section, back),
            [nameof(NoticePage.Heading)] = heading,
            [nameof(NoticePage.Text)] = text,
            [nameof(NoticePage.Back)] = back,
        }));
    }
}
