import RiddleRuntime
import Testing

@Suite struct ChecksumTests {
  @Test func theCheckValueOfTheSpecification() {
    let digits = Array("123456789".utf8)
    #expect(Checksum().value(digits.span, count: 9) == 0x995d_c9bb_df19_39fa)
  }

  @Test func everySingleFlippedBitChangesIt() {
    var bytes = [UInt8](repeating: 0x5a, count: 64)
    let checksum = Checksum()
    let original = checksum.value(bytes.span, count: 64)
    for bit in 0..<512 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(checksum.value(bytes.span, count: 64) != original)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }
}
