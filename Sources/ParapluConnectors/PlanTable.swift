/// Values in memory of their own, which a plan makes once, never changes and frees.
///
/// Reading one does not ask whether the table is shared, and counts no references as long as its values hold none; the
/// index is checked in debug builds.
struct PlanTable<Element: Sendable>: @unchecked Sendable {
    // Unchecked: nothing writes it after it was made, and its owner is the plan, which outlives every reader.
    private let elements: UnsafeMutableBufferPointer<Element>

    init(_ elements: [Element]) {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        self.elements = memory
    }

    /// Frees the memory; nothing reads the table afterwards.
    func free() {
        elements.deinitialize()
        elements.deallocate()
    }

    var count: Int { elements.count }
    var indices: Range<Int> { 0..<elements.count }

    @inline(__always)
    subscript(index: Int) -> Element { elements[index] }
}
