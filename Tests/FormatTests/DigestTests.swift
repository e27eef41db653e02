import Digest
import Testing

@Suite("Digests") struct DigestTests {
    @Test(
        "SHA-256 gives the examples of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func examples(message: String, expected: String) {
        var hash = SHA256()
        hash.update(utf8: message)

        #expect(hash.finalize().description == expected)
        #expect(SHA256.digest(utf8: message).description == expected)
        #expect(SHA256.digest(Array(message.utf8)).description == expected)
    }

    @Test("one context digests message after message")
    func reuse() {
        var hash = SHA256()
        hash.update(utf8: "first")
        _ = hash.finalize()

        hash.update(utf8: "a")
        hash.update(Array("b".utf8))
        hash.update(Array("xcx".utf8)[1...1])

        #expect(hash.finalize() == SHA256.digest(utf8: "abc"))
        #expect(hash.finalize() == SHA256.digest(utf8: ""))
    }

    @Test("an integer is eight bytes, big endian")
    func integer() {
        var hash = SHA256()
        hash.update(integer: 0x0102_0304_0506_0708)

        #expect(hash.finalize() == SHA256.digest([1, 2, 3, 4, 5, 6, 7, 8]))
    }

    @Test("a digest survives its bytes, and orders as they do")
    func bytes() throws {
        let digest = SHA256.digest(utf8: "abc")
        let low = try #require(SHA256Digest(bytes: [UInt8](repeating: 0, count: 31) + [1]))
        let high = try #require(SHA256Digest(bytes: [1] + [UInt8](repeating: 0, count: 31)))
        var output: [UInt8] = [9]
        digest.append(to: &output)

        #expect(SHA256Digest(bytes: digest.bytes) == digest)
        #expect(output == [9] + digest.bytes)
        #expect(digest.uuidWords == (0xba78_16bf_8f01_cfea, 0x4141_40de_5dae_2223))
        #expect(SHA256Digest.zero < low && low < high)
        #expect(SHA256Digest(bytes: [1, 2, 3]) == nil)
        #expect(SHA256Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test("HMAC-SHA256 gives the examples of RFC 4231")
    func keyed() {
        let first = KeyedHash(key: [UInt8](repeating: 0x0b, count: 20)).digest(Array("Hi There".utf8))
        let second = KeyedHash(key: Array("Jefe".utf8)).digest(Array("what do ya want for nothing?".utf8))

        let long = KeyedHash(key: [UInt8](repeating: 0xaa, count: 131))
            .digest(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))

        #expect(long.description == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(first.description == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(second.description == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("parts of a keyed hash do not run into each other")
    func keyedParts() {
        let hash = KeyedHash(key: [])

        #expect(hash([1, 2], [3]) != hash([1], [2, 3]))
        #expect(hash([1]) == hash.digest([0, 0, 0, 0, 0, 0, 0, 1, 1]))
    }

    @Test("random bytes are as many as asked, and others each time")
    func random() {
        #expect(randomBytes(count: 0).isEmpty)
        #expect(randomBytes(count: 32).count == 32)
        #expect(randomBytes(count: 32) != randomBytes(count: 32))
    }
}
