using System.Text.Json;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>Asks the console how the platform is. Silence and nonsense are the same: nothing is known.</summary>
internal sealed class PlatformProbe(HttpMessageInvoker http, Uri console, TimeProvider time)
{
    private readonly Uri _overview = new(console, "/api/overview");

    public async Task<PlatformReading> AskAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(StatusPageLimits.AskDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _overview);
            using var answer = await http.SendAsync(request, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                return PlatformReading.None;
            }

            await answer.Content.LoadIntoBufferAsync(StatusPageLimits.AnswerBytesMax, either.Token);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            using var overview = await JsonDocument.ParseAsync(body, default, either.Token);
            return PlatformReading.Read(overview.RootElement);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or IOException)
        {
            return PlatformReading.None;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PlatformReading.None;
        }
    }
}
