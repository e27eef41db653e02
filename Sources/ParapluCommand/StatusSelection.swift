internal import ParapluModel
internal import ParapluStore

/// The part of the status that was asked for.
struct StatusSelection {
    /// Nil for everything.
    let subject: Subject?

    /// The subject that a text means: as topics and views write it, or an action's id or code.
    ///
    /// - Throws: `InputError` where the plan has no such subject.
    init(_ text: String?, _ picture: StatusReader.Picture) throws {
        guard let text else {
            subject = nil
            return
        }
        let action = picture.actions.first { $0.id.rawValue == text || $0.code == text }
        let found = action.map { Subject.action($0.id) } ?? Subject(text)
        let isKnown =
            switch found {
            case .action(let id)?: picture.actions.contains { $0.id == id }
            case let other?: picture.rollups.contains { $0.subject == other }
            case nil: false
            }
        guard isKnown, let found else {
            throw InputError("there is no subject “\(text)”; known are programme, goal/…, line/… and action/…")
        }
        subject = found
    }

    /// The picture without what wasn't asked for.
    func picture(_ whole: StatusReader.Picture) -> StatusReader.Picture {
        guard let subject else { return whole }
        return whole.part(of: subject)
    }
}
