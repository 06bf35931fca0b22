import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Personal data")
struct PersonalDataTests {
  private func redacted(_ text: String, _ kinds: [PersonalData] = PersonalData.allCases) -> String {
    var redactor = TextRedactor(kinds, own: nil)
    return redactor.redacted(text) ?? text
  }

  // Numbers of cards and IBANs are those that issuers and registries print as examples.
  @Test(
    "what is personal is replaced, and nothing around it",
    arguments: [
      ("Write to anna.b+x@mail.example.co.uk.", "Write to [email]."),
      ("<ÄNNA@exämple.de>,b@c.io;", "<[email]>,[email];"),
      ("mailto:o'neil@x.org?subject=1", "mailto:[email]?subject=1"),
      ("Call +49 (30) 901820-12 now", "Call [phone] now"), ("tel:+14155550123", "tel:[phone]"),
      ("(415) 555-0123", "[phone]"), ("415-555-0123, 415.555.0123", "[phone], [phone]"),
      ("1-800-555-0199!", "[phone]!"), ("ruf 030 901820 an", "ruf [phone] an"),
      ("0171-1234567", "[phone]"),
      ("4111 1111 1111 1111 exp 12/29", "[card] exp 12/29"), ("5555-5555-5555-4444", "[card]"),
      ("378282246310005", "[card]"), ("(6011111111111117)", "([card])"),
      ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [iban] bitte"),
      ("GB82WEST12345698765432", "[iban]"), ("gb82 west 1234 5698 7654 32.", "[iban]."),
      ("from 192.168.10.255:8080", "from [ip]:8080"),
      ("2001:db8::ff00:42:8329 is up", "[ip] is up"),
      ("fe80::1ff:fe23:4567:890a.", "[ip]."), ("::ffff:192.0.2.128", "[ip]"),
      ("SSN 123-45-6789", "SSN [ssn]"),
      ("key sk-proj-Ab12_cd34-Ef56Gh78", "key [key]"), ("AKIAIOSFODNN7EXAMPLE", "[key]"),
      ("ghp_0123456789abcdefABCDEF0123456789abcd", "[key]"),
      (
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
        "Bearer [jwt]"
      ),
      (
        "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB+/=\n-----END RSA PRIVATE KEY-----\nb",
        "a\n[key]\nb"
      ),
      ("-----BEGIN PRIVATE KEY-----\ncut off", "[key]"),
    ])
  func replaced(_ text: String, _ expected: String) {
    #expect(redacted(text) == expected)
    // Once more finds nothing: what cut-short work is repeated on stays as it is.
    #expect(redacted(expected) == expected)
  }

  @Test(
    "what only looks like it stays",
    arguments: [
      "Version 1.2.3 and 1.2.3.4.5", "127.0.0.1 ::1 std::vector a::b 12:34:56 256.1.1.1 01.2.3.4",
      "On 2026-03-02 at 08:00:00, order 4155550123", "4111 1111 1111 1112", "0000 0000 0000 0000",
      "DE89370400440532013001", "000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000",
      "12-3456-7890123", "a@b", "@handle", "x@y.1", "me @ home . com", "sk-learn and sk-short",
      "scikit-learn-intelex-extension", "AKIA", "eyJ.eyJ.x", "10,000.00", "1/2 cup",
      "3.14159265358979",
      "issue #123-456", "C++ -----BEGIN CERTIFICATE-----",
    ])
  func kept(_ text: String) { #expect(redacted(text) == text) }

  @Test("kinds that were not asked for stay")
  func kinds() {
    let text = "a@b.de 192.168.1.77 +14155550123"
    #expect(redacted(text, [.email]) == "[email] 192.168.1.77 +14155550123")
    #expect(redacted(text, [.phone, .ip]) == "a@b.de [ip] [phone]")
    #expect(redacted(text, []) == text)
  }

  @Test("any bytes are gone through, and what is not found stays byte for byte")
  func anyBytes() {
    let alphabet =
      Array("0123456789abcXYZ@.+-()/: []_eyJsk-AKIA\u{0}\n\t".utf8) + [0xc3, 0xa4, 0xff, 0x80]
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let bytes = (0..<200).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      var last = 0
      for (_, range) in PersonalDataScanner().matches(in: bytes) {
        #expect(
          range.lowerBound >= last && !range.isEmpty && range.upperBound <= bytes.count,
          "seed \(seed)")
        last = range.upperBound
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let once = redacted(text)
      #expect(redacted(once) == once, "seed \(seed)")
    }
  }

  /// Hostile texts of 128 KB: a pattern that began anew at every byte would take minutes.
  @Test(
    "time is linear",
    arguments: [
      "a.", "a@", "1 ", "eyJ-", "sk-", "1-", "(", "+1", ":a", "DE", "-----BEGIN ", "a@b.", "192.",
    ])
  func linear(_ unit: String) {
    let text = String(repeating: unit, count: (1 << 17) / unit.utf8.count)
    #expect(PersonalDataScanner().matches(in: Array(text.utf8)).count >= 0)
  }

  @Test("patterns of one's own are read with their line when wrong, and replaced by name")
  func own() throws {
    let patterns = try OwnPatterns(
      "# staff\nemployee = EMP-[0-9]{5}\n\nproject = (?i)project\\s+\\w+\n", path: "p")
    var redactor = TextRedactor([], own: patterns)
    #expect(
      redactor.redacted("EMP-12345 on PROJECT Zeus, EMP-1") == "[employee] on [project], EMP-1")
    #expect(redactor.counts == ["employee": 1, "project": 1])
    for (text, line) in [
      ("x", "line 1"), ("a = (", "line 1"), ("# c\na b = c", "line 2"), ("a = x*", "line 1"),
      ("a =", "line 1"), ("", "file"), ("# nothing\n", "file"),
    ] {
      do {
        _ = try OwnPatterns(text, path: "p")
        Issue.record("\(text) was read")
      } catch {
        #expect("\(error)".contains(line), "\(error)")
      }
    }
  }
}
