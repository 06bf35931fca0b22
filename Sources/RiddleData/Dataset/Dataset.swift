/// Queries with complete, judged outcomes for one ordered list of candidates, ready to label, fit and evaluate.
public struct Dataset: Equatable, Sendable {
  /// Identifiers, one a row.
  public let ids: [String]
  /// Texts, one a row. Rows without a text are left out.
  public let texts: [String]
  /// Contexts, one a row.
  public let contexts: [QueryContext]
  /// Outcomes, one row per query.
  public let outcomes: OutcomeTable
  /// Vectors of the texts, when they were asked for by model name.
  public let embeddings: EmbeddingColumn?
  /// What candidates and judges said of the answers, and the answers themselves, when they were asked for.
  public let answers: AnswerTable?
  /// Rows of the log that could not be used, by reason.
  public let omitted: Omitted
  /// The family of near-duplicates of every row, once it was searched for: see ``withDuplicateKeys()``.
  public internal(set) var duplicateKeys: [UInt64]?

  /// Why rows of a log are not in the data set. Reported, never guessed at.
  public struct Omitted: Equatable, Sendable, Codable {
    /// Rows without a text.
    public var withoutText = 0
    /// Rows where a candidate has no outcome.
    public var withoutCandidate = 0
    /// Rows where a candidate's outcome was never judged.
    public var withoutQuality = 0
    /// Nothing left out.
    public init() {}
    /// All omitted rows.
    public var total: Int { withoutText + withoutCandidate + withoutQuality }
  }

  /// Number of rows.
  public var count: Int { ids.count }

  /// Keeps the rows of `log` that have a text and a judged outcome for every candidate, in order.
  ///
  /// - Parameters:
  ///   - candidates: the ladder from cheapest to dearest; at least two distinct names.
  ///   - embeddingModel: the model whose vectors, as the log's rows carry them, become ``embeddings``; nil
  ///     for none. ``embeddings`` stays nil when no row has a vector of that model.
  ///   - keepsAnswers: whether ``answers`` is filled.
  ///   - requiresText: whether rows without a text are left out; else their text is empty.
  public init(
    log: some Sequence<LoggedQuery>, candidates: [String], embeddingModel: String? = nil,
    keepsAnswers: Bool = false, requiresText: Bool = true
  ) {
    var answers = AnswerTable(width: candidates.count)
    var vectors: [LoggedEmbedding?] = []
    var ids: [String] = []
    var texts: [String] = []
    var contexts: [QueryContext] = []
    var quality: [Double] = []
    var cost: [Int64] = []
    var latency: [Int64] = []
    var omitted = Omitted()
    var row: [Outcome] = []
    rows: for query in log {
      guard let text = query.text ?? (requiresText ? nil : "") else {
        omitted.withoutText += 1
        continue
      }
      row.removeAll(keepingCapacity: true)
      for name in candidates {
        guard let outcome = query.outcome(of: name) else {
          omitted.withoutCandidate += 1
          continue rows
        }
        guard outcome.quality != nil else {
          omitted.withoutQuality += 1
          continue rows
        }
        row.append(outcome)
      }
      ids.append(query.id)
      texts.append(text)
      contexts.append(query.context)
      if embeddingModel != nil { vectors.append(query.embedding) }
      for outcome in row {
        quality.append(outcome.quality ?? 0)
        cost.append(outcome.cost?.count ?? OutcomeTable.missingCost)
        latency.append(outcome.latency?.count ?? OutcomeTable.missingLatency)
        if keepsAnswers { answers.append(outcome) }
      }
    }
    self.init(
      ids: ids, texts: texts, contexts: contexts,
      outcomes: OutcomeTable(
        candidates: candidates, quality: quality, cost: cost, latency: latency),
      embeddings: embeddingModel.flatMap { EmbeddingColumn(model: $0, rows: vectors) },
      answers: keepsAnswers ? answers : nil, omitted: omitted)
  }

  /// Keeps the rows of `log` that have a text, whatever their outcomes: for questions about texts and contexts alone.
  /// ``outcomes`` says nothing: two candidates without a name, always of quality 0.
  public init(textsOf log: some Sequence<LoggedQuery>) {
    var ids: [String] = []
    var texts: [String] = []
    var contexts: [QueryContext] = []
    var omitted = Omitted()
    for query in log {
      guard let text = query.text else {
        omitted.withoutText += 1
        continue
      }
      ids.append(query.id)
      texts.append(text)
      contexts.append(query.context)
    }
    let cells = 2 * ids.count
    self.init(
      ids: ids, texts: texts, contexts: contexts,
      outcomes: OutcomeTable(
        candidates: ["", ""], quality: [Double](repeating: 0, count: cells),
        cost: [Int64](repeating: OutcomeTable.missingCost, count: cells),
        latency: [Int64](repeating: OutcomeTable.missingLatency, count: cells)),
      embeddings: nil, omitted: omitted)
  }

  init(
    ids: [String], texts: [String], contexts: [QueryContext], outcomes: OutcomeTable,
    embeddings: EmbeddingColumn?, answers: AnswerTable? = nil, omitted: Omitted,
    duplicateKeys: [UInt64]? = nil
  ) {
    self.ids = ids
    self.texts = texts
    self.contexts = contexts
    self.outcomes = outcomes
    self.embeddings = embeddings
    self.answers = answers
    self.omitted = omitted
    self.duplicateKeys = duplicateKeys
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> Dataset {
    Dataset(
      ids: indices.map { ids[$0] }, texts: indices.map { texts[$0] },
      contexts: indices.map { contexts[$0] }, outcomes: outcomes.rows(indices),
      embeddings: embeddings?.rows(indices), answers: answers?.rows(indices), omitted: omitted,
      duplicateKeys: duplicateKeys.map { keys in indices.map { keys[$0] } })
  }
}

extension Dataset {
  /// The same rows, where a cost of exactly 0 is an unrecorded one: figures must not take missing prices for gifts.
  public func withoutZeroCosts() -> (data: Dataset, count: Int) {
    let count = outcomes.cost.count { $0 == 0 }
    if count == 0 { return (self, 0) }
    return (
      Dataset(
        ids: ids, texts: texts, contexts: contexts,
        outcomes: OutcomeTable(
          candidates: outcomes.candidates, quality: outcomes.quality,
          cost: outcomes.cost.map { $0 == 0 ? OutcomeTable.missingCost : $0 },
          latency: outcomes.latency), embeddings: embeddings, answers: answers,
        omitted: omitted, duplicateKeys: duplicateKeys), count
    )
  }

  /// The same rows, where every missing cost of a named candidate is its price per query in nano-dollars.
  public func fillingMissingCosts(_ prices: [String: Int64]) -> Dataset {
    let width = outcomes.candidates.count
    let perCandidate = outcomes.candidates.map { prices[$0] }
    var cost = outcomes.cost
    for i in cost.indices where cost[i] == OutcomeTable.missingCost {
      if let price = perCandidate[i % width] { cost[i] = price }
    }
    return Dataset(
      ids: ids, texts: texts, contexts: contexts,
      outcomes: OutcomeTable(
        candidates: outcomes.candidates, quality: outcomes.quality, cost: cost,
        latency: outcomes.latency), embeddings: embeddings, answers: answers, omitted: omitted,
      duplicateKeys: duplicateKeys)
  }

  /// The same rows with other texts, one a row. Near-duplicates are known no longer.
  package func withTexts(_ texts: [String]) -> Dataset {
    precondition(texts.count == count, "\(texts.count) texts for \(count) rows")
    return Dataset(
      ids: ids, texts: texts, contexts: contexts, outcomes: outcomes, embeddings: embeddings,
      answers: answers, omitted: omitted)
  }

  /// The same rows with other arrival times, in µs since 1970, one a row; nil where unknown.
  public func withTimes(_ times: [Int64?]) -> Dataset {
    precondition(times.count == count, "\(times.count) times for \(count) rows")
    return Dataset(
      ids: ids, texts: texts,
      contexts: zip(contexts, times).map { context, time in
        var context = context
        context.time = time.map(Microseconds.init)
        return context
      }, outcomes: outcomes, embeddings: embeddings, answers: answers, omitted: omitted,
      duplicateKeys: duplicateKeys)
  }

  /// The same rows with other outcomes of the same candidates.
  public func withOutcomes(_ table: OutcomeTable) -> Dataset {
    precondition(
      table.rowCount == count && table.candidates == outcomes.candidates,
      "\(table.rowCount) outcomes for \(count) rows")
    return Dataset(
      ids: ids, texts: texts, contexts: contexts, outcomes: table, embeddings: embeddings,
      answers: answers, omitted: omitted, duplicateKeys: duplicateKeys)
  }

  /// The same rows with `column` as their ``embeddings``, for example `Store.embeddings(model:texts:)`.
  public func withEmbeddings(_ column: EmbeddingColumn?) -> Dataset {
    precondition(
      column.map { $0.count == count } ?? true,
      "\(column?.count ?? 0) vectors for \(count) rows")
    return Dataset(
      ids: ids, texts: texts, contexts: contexts, outcomes: outcomes, embeddings: column,
      answers: answers, omitted: omitted, duplicateKeys: duplicateKeys)
  }
}
