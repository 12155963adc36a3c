namespace Mainstay.Up;

/// <summary>What a person is told once everything runs.</summary>
internal static class Announcement
{
    public static void Write(PlatformPlan plan, Progress progress)
    {
        progress.Line("");
        progress.Line($"console     http://{plan.Console}");
        progress.Line($"status page http://{plan.StatusPage}");
        progress.Line($"API         {plan.ApiUrl}  (export KUBECONFIG={plan.Data.Kubeconfig})");
        progress.Line($"router      http://{plan.Router}  admin http://{plan.RouterAdmin}"
            + (plan.Programs.Router is null ? "  (run by the JIT: no linker was installed when it was built)" : ""));
        progress.Line($"store       {plan.StoreUrls}  (etcdctl --endpoints={plan.StoreUrls} endpoint status)");
        progress.Line($"stop        ./mainstay down --data {plan.Data.Root}");
        if (plan.Options.WithBank)
        {
            progress.Line("");
            progress.Line("make a payment:");
            progress.Line(SampleBank.PaymentLine(plan));
        }
    }
}
