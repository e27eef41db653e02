internal import JSON

/// A plan as a JSON document: what `paraplu plan apply` reads.
///
/// The document may hold much more than the plan (sources, observations, notes), so that unknown members are left out; a
/// member that is given twice is refused. All problems are reported together, each with a JSON Pointer.
package enum PlanDocument {
    /// The largest document, in bytes: a hundred times the reference plan.
    package static let bytesMax = 16 << 20

    /// The plan in the document.
    ///
    /// Roles come from `action_holder_id` and `involved_org_ids`, and from `roles` (`org_id`, `role`, `valid_from`,
    /// `valid_until`) where the document has them. Where an organisation ends and names its successor, the successor
    /// takes over the roles that have no dates of their own from that day.
    ///
    /// - Parameter file: the document's name in errors.
    /// - Throws: `PlanDocumentError` with all problems.
    package static func parse(_ bytes: [UInt8], file: String) throws(PlanDocumentError) -> Plan {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONParser.document(
                of: bytes, limits: JSONLimits(bytesMax: bytesMax, depthMax: 32, nodesMax: 2_000_000))
        } catch {
            throw PlanDocumentError(
                file: file, problems: [.init(path: "", message: "this is no JSON that we read: \(error)")])
        }
        let reader = PlanReader()
        let plan = reader.plan(document.root)
        guard let plan, reader.problems.isEmpty else { throw PlanDocumentError(file: file, problems: reader.problems) }
        return plan
    }
}

/// Why a document is no plan: everything that is wrong with it.
package struct PlanDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong, and where, as a JSON Pointer (RFC 6901).
    package struct Problem: Hashable, Sendable {
        /// A JSON Pointer to what is wrong; empty for the document as a whole.
        package let path: String
        /// What is wrong there, or what is needed, in a phrase.
        package let message: String

        package init(path: String, message: String) {
            self.path = path
            self.message = message
        }
    }

    /// The document's name, as the caller gave it.
    package let file: String
    /// All that is wrong, at least one thing, in the order in which it was found.
    package let problems: [Problem]

    /// One line per problem: file, path, message.
    package var description: String {
        problems.map { "\(file)#\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}
