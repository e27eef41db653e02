internal import CLibCrypto

/// Returns `count` bytes fit for keys, from libcrypto's generator.
///
/// - Source: <https://docs.openssl.org/3.0/man3/RAND_bytes/>.
package func randomBytes(count: Int) -> [UInt8] {
    precondition(count >= 0 && count <= 1 << 20, "between 0 bytes and 1 MiB at a time")
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        // 1 on success; without entropy there is no key to go on with.
        precondition(count == 0 || RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "libcrypto has no entropy")
        initializedCount = count
    }
}
