public import RiddleData
import RiddleEvaluation
public import RiddleRuntime

/// How another form of a router does beside the original.
public struct FormFigures: Equatable, Sendable {
  /// Queries whose candidate is another.
  public var changed = 0
  /// Largest difference of a head's margin.
  public var largestMarginChange = 0.0
  /// AUC of the step margins for the steps' labels, mean over the steps that have both labels; nil without labels.
  public var auc: Double?
  /// Log loss of the calibrated probabilities in nats, mean over rows and steps; nil without labels or where the
  /// router has no probability of its own for them (rules that weigh outcomes).
  public var logLoss: Double?
}

/// A query that forms are compared on; the embedding is empty when unknown.
public struct ComparedQuery: Sendable {
  /// UTF-8 text.
  public var text: [UInt8]
  /// What is known about it.
  public var context: RequestContext
  /// Its embedding.
  public var embedding: [Float]

  /// A query.
  public init(text: [UInt8], context: RequestContext, embedding: [Float] = []) {
    self.text = text
    self.context = context
    self.embedding = embedding
  }
}

/// Labels of the rows that figures are computed on.
public struct FormLabels: Sendable {
  let data: Dataset
  let target: LabelTarget
  let qualityThreshold: Double

  /// Labels of `data`, whose candidates are the router's ladder.
  public init(_ data: Dataset, target: LabelTarget, qualityThreshold: Double) {
    self.data = data
    self.target = target
    self.qualityThreshold = qualityThreshold
  }
}

/// Decides `queries` with the original and every form, which read the same features: each text is read once.
///
/// - Parameter labels: rows for AUC and log loss; nil leaves them undefined.
/// - Returns: one entry per form, in their order.
public func compareForms(
  of original: Router, _ forms: [Router], queries: [ComparedQuery], labels: FormLabels? = nil
) -> [FormFigures] {
  let heads = original.model.headCount
  let featurizer = Featurizer(schema: original.schema)
  let shards = parallelShards(of: queries.count, FeaturizedRows.shardCount) { range in
    var figures = [FormFigures](repeating: FormFigures(), count: forms.count)
    var features = original.makeScratch()
    for i in range {
      let query = queries[i]
      featurizer.featurize(
        query.text.span, context: query.context, embedding: query.embedding.span,
        into: &features)
      let before = original.decide(features).candidate
      for f in forms.indices {
        if forms[f].decide(features).candidate != before { figures[f].changed += 1 }
        for head in 0..<heads {
          let moved =
            forms[f].model.margin(features, head: head)
            - original.model.margin(features, head: head)
          figures[f].largestMarginChange = max(figures[f].largestMarginChange, abs(moved))
        }
      }
    }
    return figures
  }
  var all = forms.indices.map { f in
    shards.reduce(into: FormFigures()) { sum, shard in
      sum.changed += shard[f].changed
      sum.largestMarginChange = max(sum.largestMarginChange, shard[f].largestMarginChange)
    }
  }
  if let labels {
    for (f, quality) in labelledFigures(forms, labels).enumerated() {
      (all[f].auc, all[f].logLoss) = quality
    }
  }
  return all
}

/// AUC and log loss of every form.
private func labelledFigures(_ forms: [Router], _ labels: FormLabels) -> [(Double?, Double?)] {
  let data = labels.data
  guard let first = forms.first, data.count > 0 else { return forms.map { _ in (nil, nil) } }
  let steps = first.thresholds.count
  let truth = (0..<steps).map {
    labels.target.labels(data.outcomes, head: $0, qualityThreshold: labels.qualityThreshold)
  }
  return forms.map { form in
    let margins = scoredPolicy(form, name: "", on: data).margins
    var areas: [Double] = []
    var loss = 0.0
    for step in 0..<steps {
      let scores = (0..<data.count).map { margins[$0 * steps + step] }
      if let area = Discrimination(scores: scores, labels: truth[step]).auc { areas.append(area) }
      for (score, label) in zip(scores, truth[step]) where form.rule == .ladder {
        loss += logLoss(
          probability: form.calibration[step].probability(ofMargin: score), label: label)
      }
    }
    return (
      areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count),
      form.rule == .ladder ? loss / Double(steps * data.count) : nil
    )
  }
}
