package import ParapluModel

extension ActionState {
    /// A risk that the holder says stands.
    package struct ReportedRisk: Hashable, Sendable {
        /// The risk, by the holder's own identifier; it stands once.
        package var risk: RiskID
        /// How grave the holder last said the risk is.
        package var level: RiskLevel
        /// What is done about it, where the holder says so.
        package var response: RiskResponse?
        /// The organisation that deals with it, where the holder names one.
        package var owner: OrganisationID?
    }

    /// How a decision of the programme office takes part; nil for what is none.
    ///
    /// Rule 3: what the holder hasn't reported can't be accepted, nor an action while one of its milestones is open.
    func officeDisposition(of content: CanonicalRecord.Content, _ plan: PlannedAction) -> Disposition? {
        switch content {
        case .progress, .milestone, .risk, .nothing, .withdrawal, .observation: return nil
        case .ruling(let ruling): return isOpen(ruling) ? .effective : .noConflict
        case .assessment(let assessment):
            guard let milestone = assessment.milestone else {
                guard progress?.lifecycle == .reportedComplete || progress?.lifecycle == .complete else {
                    return .notReported
                }
                let isAccepted = assessment.verdict == .accepted
                return isAccepted && !openMilestones(of: plan).isEmpty ? .openMilestone : .effective
            }
            guard plan.milestones.contains(where: { $0.id == milestone }) else { return .unknownMilestone }
            let status = milestones.first { $0.milestone == milestone }?.status
            return status == .reportedReached || status == .reached ? .effective : .notReported
        }
    }

    /// The plan's milestones that are neither reached, as far as the holder says, nor dropped.
    package func openMilestones(of plan: PlannedAction) -> [MilestoneID] {
        plan.milestones.map(\.id).filter { id in
            !(milestones.first { $0.milestone == id }?.status.isClosed ?? false)
        }
    }

    /// Takes over the programme office's verdict on what the holder reported as done, and returns whether it is news.
    mutating func take(_ assessment: Assessment) -> Bool {
        guard let milestone = assessment.milestone else {
            let before = (progress?.lifecycle, isCompletionRefused)
            progress?.lifecycle = assessment.verdict == .accepted ? .complete : .reportedComplete
            isCompletionRefused = assessment.verdict == .refused
            return before != (progress?.lifecycle, isCompletionRefused)
        }
        guard let index = milestones.firstIndex(where: { $0.milestone == milestone }) else { return false }
        let before = milestones[index].status
        // Refused is not reached: the milestone is awaited again.
        milestones[index].status = assessment.verdict == .accepted ? .reached : .planned
        if assessment.verdict == .refused { (milestones[index].reachedOn, milestones[index].document) = (nil, nil) }
        let wasRefused = refusedMilestones.contains(milestone)
        refusedMilestones.removeAll { $0 == milestone }
        if assessment.verdict == .refused {
            refusedMilestones.append(milestone)
            refusedMilestones.sort()
        }
        return milestones[index].status != before || wasRefused != (assessment.verdict == .refused)
    }

    /// Takes over the holder's word on a risk, and returns whether it is news.
    mutating func take(_ report: RiskReport) -> Bool {
        let before = risks
        risks.removeAll { $0.risk == report.risk }
        if report.isOpen {
            risks.append(
                ReportedRisk(risk: report.risk, level: report.level, response: report.response, owner: report.owner))
            risks.sort { $0.risk < $1.risk }
        }
        return risks != before
    }
}
