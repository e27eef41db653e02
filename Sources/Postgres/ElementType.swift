/// A built-in type that a parameter or the elements of an array can have.
package enum ElementType: Hashable, Sendable {
    case bool, bytea, int2, int4, int8, text, json, jsonb, uuid, date, timestamptz

    /// The object identifier in `pg_type`, fixed for built-in types.
    ///
    /// - Source: src/include/catalog/pg_type.dat of PostgreSQL.
    var identifier: UInt32 {
        switch self {
        case .bool: 16
        case .bytea: 17
        case .int8: 20
        case .int2: 21
        case .int4: 23
        case .text: 25
        case .json: 114
        case .date: 1082
        case .timestamptz: 1184
        case .uuid: 2950
        case .jsonb: 3802
        }
    }

    /// The object identifier of the array type of these elements.
    var arrayIdentifier: UInt32 {
        switch self {
        case .json: 199
        case .bool: 1000
        case .bytea: 1001
        case .int2: 1005
        case .int4: 1007
        case .text: 1009
        case .int8: 1016
        case .date: 1182
        case .timestamptz: 1185
        case .uuid: 2951
        case .jsonb: 3807
        }
    }
}
