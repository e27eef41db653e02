internal import JSON

/// Budgets, each linked as a commitment is.
extension PlanReader {
    func budgets(_ root: JSONNode, documents: Set<DocumentNumber>) -> [Budget] {
        let budgets = optionalList(root, "budgets", "", countMax: Budget.countMax) { node, path in
            self.budget(node, path, documents)
        }
        checkUnique(budgets.map(\.id), "/budgets", "id")
        return budgets
    }

    private func budget(_ node: JSONNode, _ path: String, _ documents: Set<DocumentNumber>) -> Budget? {
        let id = identifier(node, "id", path).map { BudgetID(unchecked: $0) }
        let link = link(node, path)
        let year = wholeNumber(node["year"], path + "/year", in: Budget.yearBounds)
        let kind: BudgetKind? = code(node, "kind", path)
        let amount = wholeNumber(node["amount_eur"], path + "/amount_eur", in: Budget.amountBounds)
        let status: BudgetStatus? = code(node, "status", path)
        let document = knownDocument(node, "document", path, documents)
        let provenance = provenance(node, path)
        guard let id, let link, let year, let kind, let amount, let status, let provenance else { return nil }
        return Budget(
            id: id, link: link, year: year, kind: kind, amountEUR: Int64(amount), status: status, document: document,
            provenance: provenance)
    }
}
