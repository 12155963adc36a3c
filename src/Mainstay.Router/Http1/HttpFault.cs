namespace Mainstay.Router.Http1;

/// <summary>
/// What is wrong with a message. The texts and codes for callers are in <see cref="Pipeline.Answers"/>.
/// </summary>
internal enum HttpFault
{
    None,
    RequestLine,
    Method,
    Target,
    TargetTooLong,
    Version,
    StatusLine,
    BareLineFeed,
    LineFolding,
    FieldName,
    FieldValue,
    HeadTooLarge,
    TooManyFields,
    HostMissing,
    HostRepeated,
    HostInvalid,
    ContentLength,
    ContentLengthRepeated,
    LengthAndCoding,
    TransferCoding,
    TransferCodingUnknown,
    ConnectionNamesFraming,
    ChunkSize,
    ChunkEnd,
    Trailer,
}

internal enum ParseStatus
{
    NeedMore,
    Complete,
    Invalid,
}
