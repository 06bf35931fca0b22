/// What moved between a reference and the periods after it. The hand-over to tables, charts and other tools.
public struct DriftReport: Equatable, Sendable, Codable {
  /// What a period came to.
  public enum Verdict: String, Sendable, Codable {
    /// Nothing that chance does not explain.
    case quiet
    /// Something moved.
    case drift
    /// Too few rows or units to say.
    case undecided
  }

  /// Version of this form.
  public var format = "riddle-drift/1"
  /// The reference: rows, units and times.
  public var reference: Span
  /// The periods after it, oldest first.
  public var periods: [Period]
  /// How often the same procedure raises an alarm where nothing moved.
  public var falseAlarms: FalseAlarms?
  /// What moved in any period, the surest first.
  public var moved: [Moved]
  /// Columns that have one value throughout, and so cannot move.
  public var constant: [String]
  /// How drift is told from noise.
  public var settings: DriftSettings
  /// What a reader must know.
  public var warnings: [String]

  private enum CodingKeys: String, CodingKey {
    case format, reference, periods, moved, constant, settings, warnings
    case falseAlarms = "false_alarms"
  }

  /// A stretch of time.
  public struct Span: Equatable, Sendable, Codable {
    /// Start, microseconds since 1970, inclusive; nil when rows have no time.
    public var start: Int64?
    /// End, exclusive.
    public var end: Int64?
    /// Rows.
    public var rows: Int
    /// Units that count as one: near-duplicates of one stretch of time.
    public var units: Int

    private enum CodingKeys: String, CodingKey {
      case rows, units
      case start = "start_us"
      case end = "end_us"
    }
  }

  /// One period against the reference.
  public struct Period: Equatable, Sendable, Codable {
    /// When, and how many.
    public var span: Span
    /// What it came to.
    public var verdict: Verdict
    /// Why nothing can be said; nil otherwise.
    public var reason: String?
    /// Every column that can move; empty when nothing can be said.
    public var columns: [Column]
    /// Whether rows of the period can be told from those of the reference; nil when it was not asked or cannot be said.
    public var classifier: Classifier?
  }

  /// One column in one period.
  public struct Column: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// What it is about.
    public var kind: DriftColumn.Kind
    /// Population stability index over deciles of the reference.
    public var psi: Double
    /// Where it counts as drift.
    public var psiLine: Double
    /// Kolmogorov–Smirnov distance; nil for a column without order.
    public var ks: Double?
    /// Where it counts as drift.
    public var ksLine: Double?
    /// Mean over the reference, of values that are known; nil without order.
    public var referenceMean: Double?
    /// Mean over the period.
    public var mean: Double?
    /// Chance that permutations get as far in any column.
    public var p: Double
    /// Whether it moved: surely, and by more than too little.
    public var isDrift: Bool
    /// The value whose share changed most, for a context field: name, share before, share now.
    public var largestChange: ShareChange?

    private enum CodingKeys: String, CodingKey {
      case name, kind, psi, ks, mean, p
      case psiLine = "psi_line"
      case ksLine = "ks_line"
      case referenceMean = "reference_mean"
      case isDrift = "drift"
      case largestChange = "largest_change"
    }
  }

  /// A value's share before and now.
  public struct ShareChange: Equatable, Sendable, Codable {
    /// The value.
    public var value: String
    /// Its share of the reference.
    public var before: Double
    /// Its share of the period.
    public var now: Double
  }

  /// How well a classifier tells a period's rows from the reference's.
  public struct Classifier: Equatable, Sendable, Codable {
    /// Out-of-fold AUC with its interval over groups; ½ when the two cannot be told apart.
    public var auc: Figure
    /// Whether the interval's lower end lies above ½.
    public var isDrift: Bool
    /// Features that tell them apart, the weightiest first.
    public var features: [Weight]

    /// A classifier's findings.
    public init(auc: Figure, isDrift: Bool, features: [Weight]) {
      self.auc = auc
      self.isDrift = isDrift
      self.features = features
    }

    /// One feature's weight per standard deviation.
    public struct Weight: Equatable, Sendable, Codable {
      /// The feature.
      public var name: String
      /// Log-odds of "from the period" per standard deviation.
      public var weight: Double

      /// A weight.
      public init(name: String, weight: Double) {
        self.name = name
        self.weight = weight
      }
    }

    private enum CodingKeys: String, CodingKey {
      case auc, features
      case isDrift = "drift"
    }
  }

  /// How often an alarm is false.
  public struct FalseAlarms: Equatable, Sendable, Codable {
    /// Share of reshufflings of the reference that raise an alarm, with Wilson's interval.
    public var rate: Figure
    /// Reshufflings.
    public var trials: Int
    /// Stretches of the reference that were held against its rest, as long as a period each.
    public var stretches: Int
    /// Those that raised an alarm.
    public var alarmed: Int
  }

  /// A column that moved, over all periods.
  public struct Moved: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// What it is about.
    public var kind: DriftColumn.Kind
    /// Start of the first period in which it moved, microseconds since 1970.
    public var since: Int64?
    /// The day that divides its values best into before and after, start in microseconds since 1970; nil without times.
    public var changed: Int64?
    /// Periods in which it moved.
    public var periods: Int
    /// Its largest stability index of any period.
    public var psi: Double
    /// Its largest KS distance of any period; nil without order.
    public var ks: Double?

    private enum CodingKeys: String, CodingKey {
      case name, kind, periods, psi, ks
      case since = "since_us"
      case changed = "changed_us"
    }
  }

  /// Whether the newest period moved: what a gate asks.
  public var isNewestAdrift: Bool { periods.last?.verdict == .drift }
}
