public import RiddleRuntime

/// How a dense feature stands in a table: `riddle score --features --csv` writes these columns, `--as sql` reads them.
public enum TableColumn: Equatable, Sendable {
  /// A number, in a column of this name.
  case number(name: String)
  /// A category whose value the weight file names: read from the field's own text column.
  case category(field: ContextField, value: String, share: Float)

  /// The columns of a router's dense features, in order.
  ///
  /// - Parameter names: names of the dense columns, such as `user_tier=premium`; a value counts as known when its
  ///   hash is the schema's. Otherwise the category is a number in a column such as `user_tier_af63bd4c8601b7df`.
  public static func columns(of schema: FeatureSchema, names: [String]) -> [TableColumn] {
    let plain = featureNames(schema)
    let firstCategory =
      schema.denseCount - schema.categories.count - schema.embeddingMeans.count
    return plain.indices.map { column in
      guard column >= firstCategory, column < firstCategory + schema.categories.count else {
        return .number(name: plain[column].replacingMarks)
      }
      let category = schema.categories[column - firstCategory]
      if column < names.count, let value = category.value(named: names[column]) {
        return .category(field: category.field, value: value, share: category.share)
      }
      return .number(
        name: "\(category.field.name)_\(FormText.hexadecimal(category.valueHash))")
    }
  }
}

extension FeatureSchema.Category {
  /// The value in `name`, which reads field=value, if it is this category's.
  fileprivate func value(named name: String) -> String? {
    let prefix = field.name + "="
    guard name.hasPrefix(prefix) else { return nil }
    let value = String(name.dropFirst(prefix.count))
    let bytes = Array(value.utf8)
    return RequestContext.hash(ofValue: bytes.span) == valueHash ? value : nil
  }
}

extension String {
  /// `embedding[3]` as `embedding_3`: a name that needs no quotes in SQL.
  fileprivate var replacingMarks: String {
    var name = ""
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "]"): break
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default: name += "_"
      }
    }
    return name
  }
}
