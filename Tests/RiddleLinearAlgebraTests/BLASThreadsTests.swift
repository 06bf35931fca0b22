import RiddleLinearAlgebra
import Testing

@Suite struct BLASThreadsTests {
  @Test func `the thread count that was set is in force`() {
    BLASThreads.set(1)
    #expect(BLASThreads.count == 1)
  }

  @Test func `the description names library and kernel`() {
    #expect(BLASInformation.description.contains("OpenBLAS"))
    #expect(BLASInformation.description.contains("kernel "))
  }
}
