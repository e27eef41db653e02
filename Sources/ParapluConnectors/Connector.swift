package import Digest
internal import JSON
package import ParapluModel

/// One feed's definition, checked and compiled: what turns its messages into canonical records.
///
/// Immutable, so that any number of decoders may share it.
package final class Connector: Sendable {
    /// The feed: the folder of the definition below `connectors/`.
    package let feed: FeedID
    /// The organisation whose topic it is, and in whose name its messages speak.
    package let owner: OrganisationID
    /// The owner on the wire.
    package let ownerOIN: OIN
    /// The owner in published data.
    package let ownerTOOI: TOOI?
    /// The Kafka principal that writes the topic.
    package let principal: String
    /// The topic, without the deployment's prefix: `in.<partner>.<feed>.v1`.
    package let topic: String
    /// Why the data are processed (doelbinding).
    package let purpose: String
    /// On what legal basis (grondslag).
    package let legalBasis: String
    /// How many months payloads are kept.
    package let retentionMonths: Int
    /// Which messages get a receipt: all, or only those that are refused or parked.
    package let receipts: ReceiptPolicy
    /// What holes between the topic's offsets mean, and so whether one holds the feed.
    package let offsets: OffsetPolicy
    /// What stands around each payload: a CloudEvents envelope or nothing.
    package let envelope: ConnectorEnvelope
    /// The rules that its events keep beyond CloudEvents.
    package let profile: EventProfile
    /// The largest value that is parsed, in bytes.
    package let bytesMax: Int
    /// The record kinds that the feed may report.
    package let kinds: [RecordKind]
    /// The actions that the feed may report on, or nil for any.
    package let actions: [ActionID]?
    /// The definition as it was read, to be stored and read again.
    package let definition: [UInt8]
    /// The SHA-256 of the number of the operator set and the definition, which holds its code lists: two connectors with
    /// one version give the same records.
    package let version: SHA256Digest

    let plan: ConnectorPlan
    /// The format of the payloads.
    let payload: PayloadFormat
    /// What the source of an event begins with: `urn:nld:oin:<OIN>`.
    let sourceURN: [UInt8]
    /// The first part of the feed's name, which says whose it is.
    let partner: [UInt8]
    /// The bounds of a payload.
    let limits: JSONLimits
    /// The bounds of the document that a payload becomes; those of the payload, where it is JSON.
    let documentLimits: JSONLimits
    let acceptsStructured: Bool
    let acceptsBinary: Bool
    let identity: IdentityFields

    /// The number of the operators' meaning.
    ///
    /// It rises when code gives an unchanged definition another meaning.
    package static let operatorSet: UInt64 = 3

    init?(_ definition: ConnectorDefinition, plan: ConnectorPlan, source: [UInt8]) {
        guard let oin = definition.owner.oin else { return nil }
        feed = definition.feed
        owner = definition.owner.organisation
        ownerOIN = oin
        ownerTOOI = definition.owner.tooi
        principal = definition.owner.principal
        topic = definition.topic
        purpose = definition.purpose
        legalBasis = definition.legalBasis
        retentionMonths = definition.retentionMonths
        receipts = definition.receipts
        offsets = definition.offsets
        envelope = definition.format.envelope
        profile = definition.format.profile
        partner = Array(definition.feed.rawValue.prefix { $0 != "/" }.utf8)
        bytesMax = definition.format.bytesMax
        kinds = definition.kinds
        actions = definition.actions
        self.definition = source
        var hasher = SHA256()
        hasher.update(utf8: "paraplu connector")
        hasher.update(integer: Connector.operatorSet)
        hasher.update(source)
        version = hasher.finalize()
        self.plan = plan
        payload = definition.format.kind
        sourceURN = Array(oin.urn.utf8)
        limits = JSONLimits(
            bytesMax: definition.format.bytesMax, depthMax: definition.format.depthMax,
            nodesMax: definition.format.nodesMax)
        documentLimits = definition.format.kind.documentLimits(limits)
        acceptsStructured = definition.format.acceptsStructured
        acceptsBinary = definition.format.acceptsBinary
        identity = definition.identity
    }

    /// The connector that a definition describes, or why it describes none.
    package static func make(file: String, bytes: [UInt8]) -> (connector: Connector?, findings: [Finding]) {
        guard bytes.count <= definitionBytesMax else {
            let finding = Finding(
                file: file, line: 1, column: 1, code: .tooLarge,
                message: "a definition has at most \(definitionBytesMax) bytes")
            return (nil, [finding])
        }
        var reader = DefinitionReader(file: file)
        guard let definition = reader.definition(bytes) else { return (nil, reader.findings) }
        var compiler = ConnectorCompiler(definition, file: file)
        guard let plan = compiler.compile() else { return (nil, compiler.findings) }
        return (Connector(definition, plan: plan, source: bytes), [])
    }

    /// The largest definition, in bytes.
    package static let definitionBytesMax = 262_144
}
