/// The latest outcomes of a feed, and when there are too many rejections among them.
///
/// A feed that suddenly sends nothing but what is refused is held where it stands, not drained into quarantine.
package struct RejectionWindow: Hashable, Sendable {
    /// The size of the window and the rejections at which the feed is held.
    package struct Limit: Hashable, Sendable {
        /// How many of the latest outcomes count, 1 to 100.
        package let size: Int
        /// How many rejections among them hold the feed, 1 to `size`.
        package let rejected: Int

        /// 25 of the last 30.
        ///
        /// Source: design, section 8; Conduit's window.
        package static let standard = Limit(size: 30, rejected: 25)

        package init(size: Int, rejected: Int) {
            precondition((1...100).contains(size) && (1...size).contains(rejected), "a window holds 1 to 100 outcomes")
            self.size = size
            self.rejected = rejected
        }
    }

    /// The outcomes, oldest first: `x` rejected, `.` not.
    package private(set) var text: [UInt8]
    private var rejected: Int

    package init(_ text: String) {
        self.text = Array(text.utf8)
        rejected = self.text.count { $0 == UInt8(ascii: "x") }
    }

    /// The window as the store keeps it.
    package var description: String { String(decoding: text, as: UTF8.self) }

    /// Takes one more outcome and returns whether the feed is to be held from here on.
    package mutating func append(isRejected: Bool, limit: Limit) -> Bool {
        text.append(isRejected ? UInt8(ascii: "x") : UInt8(ascii: "."))
        if isRejected { rejected += 1 }
        while text.count > limit.size {
            if text.removeFirst() == UInt8(ascii: "x") { rejected -= 1 }
        }
        return isRejected && rejected >= limit.rejected
    }
}
