using System.Text.Json;
using System.Text.Json.Serialization;
using Bank.Customers;
using Bank.Standin;

namespace Bank.Shared;

/// <summary>Everything that goes over a wire, read and written without reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(PaymentRequest))]
[JsonSerializable(typeof(CardPaymentRequest))]
[JsonSerializable(typeof(TopUpRequest))]
[JsonSerializable(typeof(Booking))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Balance))]
[JsonSerializable(typeof(JournalPage))]
[JsonSerializable(typeof(Audit))]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(FeedPage))]
[JsonSerializable(typeof(FeedNudge))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(CustomerView))]
[JsonSerializable(typeof(StatusBoard))]
[JsonSerializable(typeof(RateSetting))]
[JsonSerializable(typeof(LoadReport))]
[JsonSerializable(typeof(Verification))]
[JsonSerializable(typeof(StandinStatus))]
internal sealed partial class BankJson : JsonSerializerContext;
