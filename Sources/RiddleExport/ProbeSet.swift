public import RiddleRuntime

/// The queries that every weight file carries as probes. Written for this purpose; nobody's log.
public enum ProbeSet {
  /// Texts that touch every part of the featurizer: empty, short, long words, digits, code, lists, other scripts,
  /// invalid UTF-8.
  static let texts: [[UInt8]] =
    [
      "",
      "hi",
      "How do I reset my password?",
      "Explain why the queue grows although every worker is idle, and design a fix.",
      "SELECT name, COUNT(*) FROM visits WHERE day >= '2026-01-01' GROUP BY name;",
      "A train leaves at 9:40 and covers 315 km at 84 km/h. When does it arrive?",
      "Which is larger?\nA. 3/7\nB. 0.43\nC. neither\nD. \\(\\sqrt{0.19}\\)\nAnswer:",
      "```python\ndef area(r):\n    return 3.14159 * r ** 2\n```\nIt says: NameError __r__ ???",
      "Bitte fassen Sie den Vertrag in höchstens fünf Sätzen zusammen. Größe: 12 €",
      "请比较这两个方案的优点和缺点。",
      "WHY IS THIS STILL BROKEN!!! I've asked 3 times... http://status.example \u{1F620}",
      "- first\n- second\n1. third\n\n| a | b |\n\tindented, don't \"quote\" me (or do).",
    ].map { Array($0.utf8) } + [[0xff, 0xfe, 0x41, 0x00, 0x80, 0x20, 0xc3]]

  /// The probes of a router that has everything but its probes.
  public static func probes(for router: Router) -> [Probe] {
    var scratch = router.makeScratch()
    let featurizer = Featurizer(schema: router.schema)
    return texts.enumerated().map { index, text in
      var context = RequestContext()
      context.turn = Int32(index % 4)
      for category in router.schema.categories.dropFirst(index).prefix(2) {
        context.valueHashes[category.field] = category.valueHash
      }
      featurizer.featurize(text.span, context: context, into: &scratch)
      return Probe(
        text: text, context: context, featureFingerprint: scratch.fingerprint,
        margins: (0..<router.model.headCount).map { router.model.margin(scratch, head: $0) })
    }
  }
}
