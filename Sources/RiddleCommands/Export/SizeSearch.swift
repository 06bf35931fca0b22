import RiddleEvaluation
import RiddleExport
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// What a router loses at smaller sizes, and the form that loses least within a limit.
struct SizeSearch {
  /// One size of the curve.
  struct Row: Encodable {
    /// Whether this form is the one that is written.
    var chosen = false
    /// Whether the file is at most as long as asked for.
    var fits: Bool
    var bytes: Int
    /// `original` for the router as it was given.
    var form: String
    var precision: String?
    var kept_buckets: Int?
    var auc: Double?
    var log_loss: Double?
    var changed_decisions: Int
    /// Share of the compared queries, with Wilson's interval.
    var changed_share: Figure
    var largest_margin_change: Double
  }

  /// The original first, then the forms, largest file first.
  private(set) var rows: [Row]
  /// The form to write.
  let chosen: Router
  private let note: String

  /// - Parameters:
  ///   - router: what is stored, with policy, prices and metadata as they shall be.
  ///   - original: what decisions are compared with.
  ///   - limit: bytes of the file.
  /// - Throws: `CommandFailure(.gateFailed)` when nothing fits.
  init(
    _ router: Router, original: OpenedRouter, limit: Int, precisions: [StoredPrecision],
    sample: ExportSample
  ) throws {
    let asGiven = try encodeWeightFile(router)
    let shrinking = RouterShrinking(router, origin: Files.sha256(original.bytes))
    let forms = try shrinking?.forms(precisions, within: limit) ?? []
    let fitsAsGiven = asGiven.count <= limit
    if forms.isEmpty && !fitsAsGiven {
      throw Self.nothingFits(router, limit: limit, shrinking, length: asGiven.count)
    }
    let routers = [router] + forms.map(\.router)
    let figures = compareForms(
      of: original.router, routers, queries: sample.queries, labels: sample.labels)
    let table = Self.table(router.model)
    var rows: [Row] = []
    for (i, figure) in figures.enumerated() {
      let form = i == 0 ? nil : forms[i - 1]
      let bytes = form?.bytes.count ?? asGiven.count
      rows.append(
        Row(
          fits: bytes <= limit, bytes: bytes, form: form == nil ? "original" : "stored anew",
          precision: form?.precision.rawValue ?? table?.precision.rawValue,
          kept_buckets: form?.keptBuckets ?? table?.buckets, auc: figure.auc,
          log_loss: figure.logLoss, changed_decisions: figure.changed,
          changed_share: wilsonInterval(
            successes: figure.changed, trials: sample.queries.count),
          largest_margin_change: figure.largestMarginChange))
    }
    let best = rows.indices.filter { rows[$0].fits }.min { Self.isBetter(rows[$0], rows[$1]) } ?? 0
    rows[best].chosen = true
    self.rows = rows
    chosen = routers[best]
    note =
      table == nil
      ? "this router has no hashed n-grams: only their tables shrink, trees do not"
      : Self.hasTrees(router.model) ? "only the n-gram table shrinks, the trees do not" : ""
  }

  /// Fewest changed decisions, then lower log loss, without labels the smaller change of a margin, then fewer bytes.
  private static func isBetter(_ a: Row, _ b: Row) -> Bool {
    if a.changed_decisions != b.changed_decisions {
      return a.changed_decisions < b.changed_decisions
    }
    if let x = a.log_loss, let y = b.log_loss {
      if x != y { return x < y }
    } else if a.largest_margin_change != b.largest_margin_change {
      return a.largest_margin_change < b.largest_margin_change
    }
    return a.bytes < b.bytes
  }

  /// The row that is written.
  var chosenRow: Row { rows.first { $0.chosen } ?? rows[0] }

  /// The curve as a table, with the notes that belong to it.
  func text(_ sample: ExportSample, width: Int) -> String {
    let table = TerminalTable(
      columns: [
        .init("", .left), .init("bytes"), .init("precision", .left), .init("buckets"),
        .init("AUC"), .init("log loss"), .init("changed"), .init("share"),
        .init("Δ margin"),
      ],
      rows: rows.map { row in
        [
          row.chosen ? "→" : "", "\(row.bytes)",
          (row.precision ?? FigureFormat.undefined) + (row.form == "original" ? " given" : ""),
          row.kept_buckets.map { "\($0)" } ?? FigureFormat.undefined,
          Self.fixed(row.auc, 5), Self.fixed(row.log_loss, 5), "\(row.changed_decisions)",
          FigureFormat.percent.text(row.changed_share),
          FigureFormat.plain.text(row.largest_margin_change),
        ]
      })
    var lines = [table.render(width: width)]
    if !note.isEmpty { lines.append(note) }
    lines.append(sample.labelNote)
    return lines.joined(separator: "\n")
  }

  /// Five decimals: what pruning costs shows in the fourth.
  private static func fixed(_ value: Double?, _ decimals: Int) -> String {
    guard let value else { return FigureFormat.undefined }
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let units = Int((value * Double(scale)).rounded())
    let digits = String(units % scale)
    return "\(units / scale)." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  private static func table(_ model: RouterModel) -> (precision: StoredPrecision, buckets: Int)? {
    guard let linear = linear(model), linear.hashed.headCount > 0 else { return nil }
    let precision: StoredPrecision =
      switch linear.hashed.storage {
      case .float32: .float32
      case .float16: .float16
      case .int8: .int8
      }
    return (precision, linear.hashed.keptBuckets?.count ?? 1 << linear.hashed.bucketBits)
  }

  private static func linear(_ model: RouterModel) -> LinearModel? {
    switch model {
    case .linear(let linear), .stack(let linear, _): linear
    case .tree, .forest: nil
    }
  }

  private static func hasTrees(_ model: RouterModel) -> Bool {
    if case .linear = model { false } else { true }
  }

  private static func nothingFits(
    _ router: Router, limit: Int, _ shrinking: RouterShrinking?, length: Int
  ) -> CommandFailure {
    let parts = FileParts(router, metadataApart: RouterMetadata.ngrams).parts
      .map { "\($0.name) \($0.bytes)" }.joined(separator: ", ")
    let smallest = (try? shrinking?.smallestPossible()) ?? length
    let least =
      shrinking == nil
      ? "it has no hashed n-grams, and only their tables shrink (trees and dense weights do not)"
      : "the smallest size possible is \(smallest) bytes, with no n-gram left"
    return CommandFailure(
      .gateFailed,
      "nothing fits in \(limit) bytes: \(least); nothing was written. Room taken, in bytes: \(parts), together \(length)"
    )
  }
}
