using System.Globalization;
using System.Text;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>A plan as a person reads it on a terminal.</summary>
public static class ActionText
{
    public static string Of(ActionPlan plan)
    {
        var text = new StringBuilder();
        text.Append(plan.Request.Verb).Append(' ').Append(plan.Target).Append(": ").AppendLine(plan.Traits.Effect);
        var number = 0;
        foreach (var wave in plan.Waves)
        {
            number++;
            text.AppendLine(CultureInfo.InvariantCulture, $"wave {number} of {plan.Waves.Length}:");
            foreach (var unit in wave)
            {
                text.Append("  ").AppendLine(Unit(plan, unit));
            }
        }

        if (plan.Waves.Length > 0)
        {
            var bake = plan.Bake.TotalSeconds;
            var deadline = plan.Traits.UnitDeadline.TotalSeconds;
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"after each wave the platform is watched for {bake:0} s; a unit has {deadline:0} s to come back");
        }

        text.AppendLine("what it needs, now:");
        foreach (var need in plan.Needs)
        {
            var sign = need.Well ? "ok  " : need.Required ? "FAIL" : "warn";
            text.Append("  ").Append(sign).Append("  ").Append(need.Name).Append(": ").AppendLine(need.Detail);
        }

        foreach (var note in plan.Notes)
        {
            text.Append("note: ").AppendLine(note);
        }

        foreach (var refusal in plan.Refusals)
        {
            text.Append("REFUSED: ").AppendLine(refusal.Text);
        }

        text.Append(plan.WouldGo ? "it would go" : "it would not be begun");
        return text.ToString();
    }

    private static string Unit(ActionPlan plan, ActionUnit unit)
    {
        var words = new List<string> { unit.Subject };
        if (unit.Zone.Length > 0)
        {
            words.Add($"({unit.Zone})");
        }

        if (plan.Proofs.TryGetValue(unit.Subject, out var proof) && proof.Result != ProofResult.NotNeeded)
        {
            words.Add(proof.Result == ProofResult.Safe ? "proven to start now" : ActionJson.Word(proof.Result));
        }

        if (unit.TrafficShare is { } share)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % of the calls"));
        }

        if (unit.Pods is { } pods)
        {
            words.Add($"{pods} pods");
        }

        if (!unit.LessCapacity.IsEmpty)
        {
            words.Add($"less capacity meanwhile: {string.Join(", ", unit.LessCapacity)}");
        }

        return string.Join("  ", words);
    }
}
