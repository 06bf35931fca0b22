import Glibc
import Testing

@testable import RiddleLinearAlgebra

@Suite struct WorkBuffersTests {
  @Test("memory that no machine has is not there")
  func impossible() {
    #expect(WorkBuffers.isThereMemory(1 << 20))
    #expect(!WorkBuffers.isThereMemory(1 << 60))
  }

  @Test("calls inside and beside each other all run, and return what they compute")
  func nested() {
    #expect(WorkBuffers.working { WorkBuffers.working { 1 } + 1 } == 2)
    #expect(Shards.map(count: 64) { i in WorkBuffers.working { i } } == Array(0..<64))
  }

  @Test("a process without memory for OpenBLAS ends with a reason instead of hanging")
  func exhausted() async {
    await #expect(processExitsWith: .exitCode(WorkBuffers.statusWithoutMemory)) {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      limit.rlim_cur = 1 << 20  // below what is mapped already: nothing more is
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      _ = WorkBuffers.working { 1 }
    }
  }
}
