/// Object identifiers of built-in types, from PostgreSQL's `pg_type.dat`; they never change.
enum PostgresTypeID {
    static let boolean: UInt32 = 16
    static let bytea: UInt32 = 17
    static let character: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let interval: UInt32 = 1186
    static let numeric: UInt32 = 1700
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802

    static let booleans: UInt32 = 1000
    static let byteas: UInt32 = 1001
    static let int8s: UInt32 = 1016
    static let texts: UInt32 = 1009
    static let varchars: UInt32 = 1015
    static let float8s: UInt32 = 1022
    static let timestamptzs: UInt32 = 1185
    static let jsonbs: UInt32 = 3807
    static let uuids: UInt32 = 2951

    /// Identifiers below this are built in; enums, domains and extension types lie above.
    static let firstUserDefined: UInt32 = 16_384

    /// Types whose binary form is their text. User-defined types count: of those, enums and citext are
    /// text, and a composite is recognised by its bytes not being so.
    static func isTextual(_ id: UInt32) -> Bool {
        switch id {
        case text, varchar, bpchar, name, json, unknown, character: true
        default: id >= firstUserDefined
        }
    }
}

/// The epoch and unit of PostgreSQL's binary timestamps: microseconds since 2000-01-01 UTC.
enum PostgresEpoch {
    /// From 2000-01-01 to Foundation's reference date, 2001-01-01; 2000 was a leap year.
    static let secondsToReferenceDate = 366.0 * 86_400
    static let microsecondsPerSecond = 1_000_000.0
    static let microsecondsPerDay: Int64 = 86_400_000_000
    /// 4713 BC and 294276 AD, the limits of `timestamptz`, in microseconds from the epoch.
    static let range: Range<Double> = -211_813_488_000_000_000..<9_223_371_331_200_000_000
}
