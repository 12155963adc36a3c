using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>
/// Sends what waits. Every try has a deadline; what fails is tried again later, doubling the wait; 429 and 503 are
/// obeyed in their Retry-After; another 4xx is final. A dead webhook holds up neither the act nor the other webhooks.
/// </summary>
internal sealed class Deliverer(
    IncidentBook book, WebhookFile file, Func<PageConfig> page, HttpMessageInvoker http, TimeProvider time)
{
    private readonly DeliveryQueue _queue = new(book);

    /// <summary>One round over all webhooks, side by side.</summary>
    /// <returns>how many messages were tried</returns>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var claimed = _queue.Claim(time.GetUtcNow());
        if (claimed.Length == 0)
        {
            return 0;
        }

        var webhooks = file.Read();
        await Task.WhenAll(claimed.Select(async receipt =>
        {
            var webhook = webhooks.FirstOrDefault(one => one.Name == receipt.Webhook);
            var outcome = webhook is null
                ? new DeliveryOutcome(DeliveryQueue.Withdrawn, "the webhook was removed")
                : await TryAsync(webhook, receipt, cancellationToken);
            _queue.Settle(receipt.Id, outcome, time.GetUtcNow());
        }));
        return claimed.Length;
    }

    /// <summary>Sends until nothing of an entry waits, or until the command line has stayed long enough.</summary>
    public async Task SendAsync(string incident, CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + VoiceLimits.StayMax;
        while (true)
        {
            await SendDueAsync(cancellationToken);
            var waiting = _queue.Of(incident).Where(receipt => receipt.Waits).ToList();
            var now = time.GetUtcNow();
            var next = waiting.Count == 0 ? DateTimeOffset.MaxValue : waiting.Min(receipt => receipt.NextAt);
            if (next > end || now >= end)
            {
                return;
            }

            var pause = next > now ? next - now : TimeSpan.FromMilliseconds(100);
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<DeliveryOutcome> TryAsync(
        Webhook webhook, Receipt receipt, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(VoiceLimits.TryDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var incident = book.AsOf(receipt.Incident, receipt.Entry);
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Address);
            request.Content = new ByteArrayContent(Messages.Of(webhook.Kind, incident, receipt.Id, page));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", receipt.Id);
            using var answer = await http.SendAsync(request, either.Token);
            return Judge(receipt, answer);
        }
        catch (StartException fault)
        {
            // The page's configuration is needed by one kind of message, and a broken one is mended by hand.
            return Later(receipt, fault.Message, null);
        }
        catch (HttpRequestException fault)
        {
            return Later(receipt, $"no connection: {Reason(fault)}", null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Later(receipt, $"no answer within {VoiceLimits.TryDeadline.TotalSeconds:0} s", null);
        }
    }

    private DeliveryOutcome Judge(Receipt receipt, HttpResponseMessage answer)
    {
        var code = (int)answer.StatusCode;
        var words = $"HTTP {code.ToString(CultureInfo.InvariantCulture)}";
        return answer.StatusCode switch
        {
            _ when answer.IsSuccessStatusCode => new DeliveryOutcome(DeliveryQueue.Delivered, words),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                Later(receipt, words, RetryAfter(answer)),
            HttpStatusCode.RequestTimeout => Later(receipt, words, null),
            _ when code >= 500 => Later(receipt, words, null),
            _ => new DeliveryOutcome(DeliveryQueue.Refused, words),
        };
    }

    private DeliveryOutcome Later(Receipt receipt, string why, TimeSpan? retryAfter)
    {
        var now = time.GetUtcNow();
        if (now - receipt.At > VoiceLimits.GiveUpAfter)
        {
            return new DeliveryOutcome(DeliveryQueue.GivenUp, why);
        }

        // By the count of tries, which is on disk: the next process goes on where this one was.
        var grown = VoiceLimits.RetryFirst * Math.Pow(2, Math.Min(receipt.Tries - 1, 20));
        var wait = retryAfter ?? (grown < VoiceLimits.RetryCap ? grown : VoiceLimits.RetryCap);
        return new DeliveryOutcome(DeliveryQueue.Waiting, why, now + wait);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var asked = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return asked is { } span
            ? TimeSpan.FromTicks(Math.Clamp(span.Ticks, 0, VoiceLimits.RetryAfterMax.Ticks))
            : null;
    }

    /// <summary>Without the address, which .NET puts into some of its messages.</summary>
    private static string Reason(HttpRequestException fault) => fault.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "the name is not known",
        HttpRequestError.ConnectionError => "the connection was refused or broke",
        HttpRequestError.SecureConnectionError => "TLS failed",
        var other => other.ToString(),
    };
}
