import RiddleRuntime

/// Names of a router's dense columns: those stored, else the schema's.
public func columnNames(of router: Router) -> [String] {
  let names = featureNames(router.schema)
  let key = Array(RouterMetadata.columns.utf8)
  guard let entry = router.metadata.first(where: { $0.key == key }) else { return names }
  let stored = String(decoding: entry.value, as: UTF8.self).split(separator: "\n").map(String.init)
  return stored.count == names.count ? stored : names
}

/// Training means of a router's dense columns; empty when the file does not say.
public func columnMeans(of router: Router) -> [Double] {
  let key = Array(RouterMetadata.columnMeans.utf8)
  guard let entry = router.metadata.first(where: { $0.key == key }) else { return [] }
  let values = String(decoding: entry.value, as: UTF8.self).split(separator: " ").map {
    Double($0)
  }
  guard values.count == router.schema.denseCount else { return [] }
  return values.map { $0?.isFinite == true ? $0 ?? 0 : 0 }
}
