/// The memory of one plan's tables: filled once, never changed, and freed with the plan.
final class PlanMemory: @unchecked Sendable {
    // Unchecked: only `table` writes, which is called while the plan is made, by the one who makes it.
    private var frees: [() -> Void] = []

    /// The elements in memory of their own, which lives as long as this.
    func table<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        frees.append {
            memory.deinitialize()
            memory.deallocate()
        }
        return UnsafeBufferPointer(memory)
    }

    deinit { for free in frees { free() } }
}
