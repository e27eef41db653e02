/// The name among the candidates that a mistyped one most likely means, or nil where none is near.
///
/// Near is a distance of at most a third of the name, and of at least 2.
func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    // Names longer than this are no typing errors, and the work is quadratic.
    guard name.utf8.count <= 100 else { return nil }
    let best = candidates.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let best, best.distance <= max(2, name.utf8.count / 3) else { return nil }
    return best.name
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour to come from one to the other.
///
/// - Source: Damerau and Levenshtein, the variant without edits inside a swap.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var row = [i + 1]
        for (j, b) in right.enumerated() {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a == b ? 0 : 1))
            if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}
