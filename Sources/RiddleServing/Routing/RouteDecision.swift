import RiddleData

/// What was decided about one query, before any candidate was asked.
struct RouteDecision {
  /// Position of the candidate.
  var candidate: Int
  /// The stage that decided.
  var stage: String
  /// Why, in words.
  var reason: String
  /// What was compared with ``threshold``: for a router its margin.
  var score: Double?
  var probability: Double?
  /// The router's own margin, whichever stage decided: what drift is measured on.
  var margin: Double?
  var threshold: Double?
  var confidence: Double?
  /// Probability with which the candidate was chosen.
  var propensity = 1.0
  /// Why the router did not decide; nil when it did.
  var abstention: Abstention?
  /// What moved the score most: names and log-odds.
  var top: [(name: String, contribution: Double)] = []
  /// Whether the caller or an operator asked for this candidate by name.
  var isBinding = false
  /// The side of the experiment; nil without one.
  var arm: Arm?
  /// Position of the candidate that would have been taken, where the control candidate answers.
  var wouldBe: Int?

  /// Lets the control candidate answer instead, and remembers what was decided.
  mutating func holdBack(for control: Int) {
    arm = .control
    wouldBe = candidate
    candidate = control
    reason = "control: held back from routing; \(stage) said: \(reason)"
    propensity = 1
    // It was said of the other candidate.
    confidence = nil
    stage = "control"
  }

  /// Appends the decision as JSON.
  func append(
    to out: inout [UInt8], served: ServedRouter, id: String, nanoseconds: Int64
  ) {
    JSONText.append(#"{"model":"#, to: &out)
    out.append(contentsOf: served.quotedNames[candidate])
    JSONText.append(#","tier":"#, to: &out)
    out.append(contentsOf: String(candidate).utf8)
    JSONText.append(#","score":"#, to: &out)
    JSONText.append(score, to: &out)
    JSONText.append(#","probability":"#, to: &out)
    JSONText.append(probability, to: &out)
    JSONText.append(#","threshold":"#, to: &out)
    JSONText.append(threshold, to: &out)
    JSONText.append(#","reason":"#, to: &out)
    JSONText.append(quoted: reason, to: &out)
    JSONText.append(#","stage":"#, to: &out)
    JSONText.append(quoted: stage, to: &out)
    JSONText.append(#","top_features":["#, to: &out)
    for (index, feature) in top.enumerated() {
      if index > 0 { out.append(0x2c) }
      out.append(0x5b)
      JSONText.append(quoted: feature.name, to: &out)
      out.append(0x2c)
      JSONText.append(feature.contribution, to: &out)
      out.append(0x5d)
    }
    JSONText.append(#"],"router_version":"#, to: &out)
    out.append(contentsOf: served.quotedVersion)
    JSONText.append(abstention == nil ? #","abstained":false"# : #","abstained":true"#, to: &out)
    if let arm {
      JSONText.append(arm == .routed ? #","arm":"routed""# : #","arm":"control""#, to: &out)
    }
    if let wouldBe {
      JSONText.append(#","would_be":"#, to: &out)
      out.append(contentsOf: served.quotedNames[wouldBe])
    }
    JSONText.append(#","request_id":"#, to: &out)
    JSONText.append(quoted: id, to: &out)
    JSONText.append(#","latency_us":"#, to: &out)
    JSONText.append(thousandths: nanoseconds, to: &out)
    out.append(0x7d)
  }

  /// The decision as a line of the log.
  func record(
    _ query: RouteQuery, served: ServedRouter, id: String, time: Microseconds, nanoseconds: Int64
  ) -> DecisionRecord {
    var record = DecisionRecord(
      requestID: id, time: time, candidate: served.candidates[candidate])
    record.takeFacts(query, served: served)
    record.decidedIn = nanoseconds
    record.propensity = propensity
    // A choice that was no draw had no alternative: off-policy estimates of others must refuse.
    if propensity == 1 {
      record.propensities = [
        CandidatePropensity(candidate: record.candidate, probability: 1)
      ]
    }
    record.stage = stage
    record.reason = reason
    record.score = score
    record.probability = probability
    record.threshold = threshold.flatMap { $0.isFinite ? $0 : nil }
    record.confidence = confidence
    var extras = RecordExtras()
    extras.add(arm: arm, wouldBe: wouldBe.map { served.candidates[$0] })
    if let expected = served.prices[candidate] {
      record.cost = NanoDollars(expected)
      if let most = served.prices[served.strongest] { record.saved = NanoDollars(most - expected) }
      extras.add("cost_basis", "expected")
    }
    record.extras = extras.text
    return record
  }
}

extension DecisionRecord {
  /// Takes what the request says of itself, and who decides.
  public mutating func takeFacts(_ query: RouteQuery, served: ServedRouter) {
    alternatives = served.candidates
    policy = served.name
    policyChecksum = served.policyChecksum
    routerChecksum = served.router == nil ? nil : served.checksum
    // U+0000 ends a text for SQLite's functions.
    if !query.text.contains(0), query.abstention == nil {
      text = String(decoding: query.text, as: UTF8.self)
    }
    conversation = query.context.conversation
    turn = query.context.turn
    userID = query.user
    userTier = query.context.userTier
    taskType = query.context.taskType
    domain = query.context.domain
  }
}
