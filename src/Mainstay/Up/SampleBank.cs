using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>
/// The sample bank: its images from the build, its manifests as they stand in <c>samples/bank/manifests</c>.
/// </summary>
internal sealed class SampleBank(PlatformPlan plan, TimeProvider time)
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The line that pays, as a person types it. It goes through the router of node 1 to the bank's gateway by name.
    /// </summary>
    public static string PaymentLine(PlatformPlan plan) =>
        $"curl -sS -X POST http://{plan.Router}/payments -H 'Host: gateway.bank' -H 'Content-Type: application/json' "
        + "-d '{\"from\":\"acc-alice\",\"to\":\"acc-bob\",\"amount\":1250,\"reference\":\"Dinner\"}'";

    /// <summary>
    /// Makes an image folder for each image.json of the sample: its program by hard links, beside its image.json.
    /// </summary>
    public void WriteImages()
    {
        var sources = Path.Combine(plan.Programs.SamplesFolder, "images");
        foreach (var description in Directory.EnumerateFiles(sources, "image.json", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(sources, Path.GetDirectoryName(description)!);
            var image = Path.Combine(plan.Data.Images, "bank", name);
            var next = image + ".next";
            if (Directory.Exists(next))
            {
                Directory.Delete(next, recursive: true);
            }

            Directory.CreateDirectory(next);
            foreach (var file in Directory.EnumerateFiles(plan.Programs.BankFolder))
            {
                LinkOrCopy(file, Path.Combine(next, Path.GetFileName(file)));
            }

            File.Copy(description, Path.Combine(next, "image.json"), overwrite: true);
            if (Directory.Exists(image))
            {
                Directory.Delete(image, recursive: true);
            }

            Directory.Move(next, image);
        }
    }

    public Task ApplyAsync(KubeHttp api, CancellationToken cancellationToken) =>
        new ManifestApplier(api).ApplyFolderAsync(
            Path.Combine(plan.Programs.SamplesFolder, "manifests"), cancellationToken);

    /// <summary>
    /// Returns once the gateway answers a read through the router: the whole way of a call is proven without moving
    /// money.
    /// </summary>
    public async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        using var router = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://{plan.Router}/"),
        };
        router.DefaultRequestHeaders.Host = "gateway.bank";
        while (!await AnswersAsync(router, cancellationToken))
        {
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient router, CancellationToken cancellationToken)
    {
        try
        {
            var account = await router.GetFromJsonAsync<JsonObject>("accounts/acc-alice", cancellationToken);
            return account is not null;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void LinkOrCopy(string source, string target)
    {
        Invariant.That(!File.Exists(target), "an image is written into an empty folder");
        if (!HardLink.TryCreate(source, target))
        {
            File.Copy(source, target);
        }
    }
}
