#if !hasFeature(Embedded)
  /// Names of the dense columns of `schema`, in column order. A category is named by field and hash; the run that
  /// made the router knows its value.
  public func featureNames(_ schema: FeatureSchema) -> [String] {
    var names: [String] = []
    if schema.usesStatistics {
      var lists = [TextStatistics.names]
      if schema.version >= 2 { lists += [WordMark.names, TextShape.names] }
      for list in lists { names += "\(list)".split(separator: " ").map(String.init) }
    }
    if schema.usesTurn { names += ["log_turn", "is_follow_up"] }
    for category in schema.categories {
      names.append("\(category.field.name)#\(String(category.valueHash, radix: 16))")
    }
    names += schema.embeddingMeans.indices.map { "embedding[\($0)]" }
    return names
  }

  extension ContextField {
    /// Name of the field in logs and on the command line.
    public var name: String {
      switch self {
      case .userTier: "user_tier"
      case .taskType: "task_type"
      case .domain: "domain"
      }
    }
  }
#endif
