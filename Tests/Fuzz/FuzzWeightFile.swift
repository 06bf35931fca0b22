// The weight file's reader, writer and scorer under libFuzzer. `Tests/Fuzz/build.sh` compiles this file together with
// the sources of RiddleRuntime and RiddleExport into one module with sanitizers. A trap or a report is a finding.

import Glibc

/// Changes inputs for libFuzzer and repairs half of them, so that it reaches past the checksum.
@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int) -> Int

/// Of the mutator; the reader under test builds its own.
private let checksum = Checksum()

private let queries: [[UInt8]] = [
  [], Array("How do I reset my password?".utf8),
  Array("Explain why the queue grows: SELECT 3.14 FROM größe; \u{1F620} x^2 \\frac{1}{2}".utf8),
  [0xff, 0xfe, 0, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a, 0x20, 0xf0, 0x9f],
  Array(repeating: UInt8(ascii: "a"), count: 400),
]

/// What libFuzzer calls: decodes, decides, encodes again.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  // libFuzzer owns `size` bytes at `data` for the length of this call.
  let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
  let router: Router
  do throws(WeightFileError) {
    router = try Router(decoding: input.span)
  } catch {
    return 0
  }
  score(router)
  let again: [UInt8]
  do throws(ExportError) {
    again = try encodeWeightFile(router)
  } catch {
    fatalError("a router that was decoded cannot be encoded: \(error)")
  }
  if number(input, at: 8, size: 4) == UInt64(WeightFileLayout.version) && again != input {
    fatalError("two files for one router")
  }
  return 0
}

/// Decides queries and checks what must hold whatever the weights are.
private func score(_ router: Router) {
  var scratch = router.makeScratch()
  var context = RequestContext()
  context.turn = 3
  let embedding = [Float](repeating: 0.5, count: router.schema.embeddingMeans.count)
  for text in queries {
    let first = router.decide(
      text.span, context: context, embedding: embedding.span, scratch: &scratch)
    precondition(first.candidate >= 0 && first.candidate < router.candidates.count)
    precondition(first.head >= 0 && first.head < router.thresholds.count)
    precondition(!first.margin.isNaN, "the margin is no number")
    precondition(router.rule == .ladder || first.margin.isFinite, "a value overflows")
    precondition(first.probability >= 0 && first.probability <= 1, "no probability")
  }
  // The memory of one query leaves nothing behind for the next.
  let text = queries[1]
  let used = router.decide(
    text.span, context: context, embedding: embedding.span, scratch: &scratch)
  var fresh = router.makeScratch()
  let first = router.decide(
    text.span, context: context, embedding: embedding.span, scratch: &fresh)
  precondition(first.margin.bitPattern == used.margin.bitPattern, "the scratch remembers")
  precondition(first.candidate == used.candidate)
}

/// Changes an input: half of them as libFuzzer does, the others with length and checksum made right again, one section at a
/// time or the whole file, and some with the schema's fingerprint made right too.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: CUnsignedInt
) -> Int {
  if seed & 1 == 0 { return mutate(data, size, most) }
  var file = [UInt8](UnsafeBufferPointer(start: data, count: size))
  if seed & 2 == 0 || !mutateSection(&file, pick: Int(seed >> 8), most: most) {
    let changed = mutate(data, size, most)
    file = [UInt8](UnsafeBufferPointer(start: data, count: changed))
  }
  if file.count < WeightFileLayout.headerLength + WeightFileLayout.checksumLength { return size }
  // Almost always the magic and the version too: there is nothing behind a wrong one.
  if seed & 0x3c != 0 {
    for i in 0..<WeightFileLayout.magic.count { file[i] = WeightFileLayout.magic[i] }
  }
  write(UInt64(file.count), at: 16, size: 8, in: &file)
  seal(&file)
  if seed & 0x40 != 0 {
    do throws(WeightFileError) {
      _ = try Router(decoding: file.span)
    } catch {
      if case .schemaMismatch(_, let computed) = error {
        write(computed, at: 24, size: 8, in: &file)
        seal(&file)
      }
    }
  }
  if file.count > most { return size }
  for i in 0..<file.count { data[i] = file[i] }
  return file.count
}

/// Changes the content of one section and moves what follows it; false when there is no table to go by.
private func mutateSection(_ file: inout [UInt8], pick: Int, most: Int) -> Bool {
  let header = WeightFileLayout.headerLength
  let entry = WeightFileLayout.sectionEntryLength
  guard file.count >= header + 8 else { return false }
  let count = Int(min(64, number(file, at: 12, size: 4)))
  guard count > 0, file.count >= header + count * entry + 8 else { return false }
  let place = header + pick % count * entry
  let start = number(file, at: place + 8, size: 8)
  let length = number(file, at: place + 16, size: 8)
  let body = file.count - 8
  guard start >= UInt64(header + count * entry), start <= UInt64(body),
    length <= UInt64(body) - start
  else { return false }
  var content = Array(file[Int(start)..<Int(start + length)])
  let room = content.count + 64
  content += [UInt8](repeating: 0, count: 64)
  let changed = content.withUnsafeMutableBufferPointer { buffer in
    // The buffer has `room` bytes; libFuzzer changes at most that many and says how many are left.
    buffer.baseAddress.map { mutate($0, room - 64, room) } ?? 0
  }
  content.removeLast(room - changed)
  let padded = (Int(start + length) + 7) / 8 * 8
  guard padded <= body else { return false }
  var rest = content
  while rest.count % 8 != 0 { rest.append(0) }
  let shift = rest.count - (padded - Int(start))
  file.replaceSubrange(Int(start)..<padded, with: rest)
  write(UInt64(content.count), at: place + 16, size: 8, in: &file)
  for other in 0..<count {
    let offset = number(file, at: header + other * entry + 8, size: 8)
    if offset > start {
      write(
        UInt64(bitPattern: Int64(bitPattern: offset) &+ Int64(shift)),
        at: header + other * entry + 8, size: 8, in: &file)
    }
  }
  return file.count <= most
}

private func seal(_ file: inout [UInt8]) {
  let body = file.count - 8
  write(checksum.value(file.span, count: body), at: body, size: 8, in: &file)
}

private func number(_ file: [UInt8], at offset: Int, size: Int) -> UInt64 {
  guard offset + size <= file.count else { return 0 }
  return (0..<size).reduce(0) { $0 | UInt64(file[offset + $1]) << UInt64(8 * $1) }
}

private func write(_ value: UInt64, at offset: Int, size: Int, in file: inout [UInt8]) {
  for i in 0..<size { file[offset + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
}
