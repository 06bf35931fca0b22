/// A computation graph as an ONNX model is written: nodes in the order they are added, each with one output.
///
/// Field numbers are those of `onnx.proto3` of ONNX 1.12 (IR version 8).
struct ONNXGraph {
  /// Types of tensors, by their number in `TensorProto.DataType`.
  enum ElementType: Int {
    case float = 1
    case int64 = 7
    case double = 11
  }

  /// Value of an operator's attribute.
  enum Attribute {
    case int(Int)
    case string(String)
    case ints([Int])
    case floats([Float])
    case strings([String])
  }

  private var nodes: [ProtobufWriter] = []
  private var initializers: [ProtobufWriter] = []
  private var inputs: [ProtobufWriter] = []
  private var outputs: [ProtobufWriter] = []
  private var named = 0

  /// A tensor that the caller feeds: one row per query, `columns` wide, or of any width when nil.
  mutating func input(
    _ name: String, _ type: ElementType, columns: Int?, documentation: String
  ) -> String {
    inputs.append(
      Self.value(
        name, type, columns: columns ?? -1, freeName: name + "_width", documentation))
    return name
  }

  /// A tensor that the model gives: one row per query, `columns` wide; nil for a vector.
  mutating func output(
    _ name: String, _ type: ElementType, columns: Int?, of value: String, documentation: String
  ) {
    var node = ProtobufWriter()
    node.add(1, value)
    node.add(2, name)
    node.add(3, name)
    node.add(4, "Identity")
    nodes.append(node)
    outputs.append(Self.value(name, type, columns: columns, freeName: "", documentation))
  }

  /// ValueInfoProto of a tensor [N, columns].
  private static func value(
    _ name: String, _ type: ElementType, columns: Int?, freeName: String, _ documentation: String
  ) -> ProtobufWriter {
    var shape = ProtobufWriter()
    var rows = ProtobufWriter()
    rows.add(2, "N")
    shape.add(1, rows)
    if let columns {
      var width = ProtobufWriter()
      if columns < 0 { width.add(2, freeName) } else { width.add(1, columns) }
      shape.add(1, width)
    }
    var tensor = ProtobufWriter()
    tensor.add(1, type.rawValue)
    tensor.add(2, shape)
    var kind = ProtobufWriter()
    kind.add(1, tensor)
    var info = ProtobufWriter()
    info.add(1, name)
    info.add(2, kind)
    info.add(3, documentation)
    return info
  }

  private mutating func newName(_ stem: String) -> String {
    named += 1
    return "\(stem)_\(named)"
  }

  /// Adds a node and returns the name of its output.
  mutating func apply(
    _ operation: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [],
    domain: String = ""
  ) -> String {
    let output = newName(operation)
    var node = ProtobufWriter()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, output)
    node.add(4, operation)
    for (name, value) in attributes { node.add(5, Self.attribute(name, value)) }
    if !domain.isEmpty { node.add(7, domain) }
    nodes.append(node)
    return output
  }

  private static func attribute(_ name: String, _ value: Attribute) -> ProtobufWriter {
    var out = ProtobufWriter()
    out.add(1, name)
    switch value {
    case .int(let value):
      out.add(3, value)
      out.add(20, 2)
    case .string(let value):
      out.add(4, value)
      out.add(20, 3)
    case .floats(let values):
      out.add(7, values)
      out.add(20, 6)
    case .ints(let values):
      out.add(8, values)
      out.add(20, 7)
    case .strings(let values):
      for value in values { out.add(9, value) }
      out.add(20, 8)
    }
    return out
  }

  /// A tensor of doubles that belongs to the model.
  mutating func constant(_ values: [Double], shape: [Int]) -> String {
    var raw = ByteWriter()
    for value in values { raw.add(value) }
    return constant(raw.bytes, .double, shape)
  }

  /// A tensor of floats that belongs to the model.
  mutating func constant(_ values: [Float], shape: [Int]) -> String {
    var raw = ByteWriter()
    raw.bytes.reserveCapacity(4 * values.count)
    for value in values { raw.add(value) }
    return constant(raw.bytes, .float, shape)
  }

  /// A tensor of whole numbers that belongs to the model.
  mutating func constant(_ values: [Int], shape: [Int]) -> String {
    var raw = ByteWriter()
    for value in values { raw.add(Int64(value)) }
    return constant(raw.bytes, .int64, shape)
  }

  private mutating func constant(_ raw: [UInt8], _ type: ElementType, _ shape: [Int]) -> String {
    let name = newName("constant")
    var tensor = ProtobufWriter()
    tensor.add(1, shape)
    tensor.add(2, type.rawValue)
    tensor.add(8, name)
    tensor.add(9, raw)
    initializers.append(tensor)
    return name
  }

  /// `value` as another type.
  mutating func cast(_ value: String, to type: ElementType) -> String {
    apply("Cast", [value], [("to", .int(type.rawValue))])
  }

  /// The bytes of a model of this graph, for opset 17 and ai.onnx.ml opset 3.
  func model(name: String, documentation: String, metadata: [(String, String)]) -> [UInt8] {
    var graph = ProtobufWriter()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for tensor in initializers { graph.add(5, tensor) }
    graph.add(10, documentation)
    for value in inputs { graph.add(11, value) }
    for value in outputs { graph.add(12, value) }
    var model = ProtobufWriter()
    model.add(1, 8)
    model.add(2, "riddle")
    model.add(7, graph)
    for (domain, version) in [("", 17), ("ai.onnx.ml", 3)] {
      var opset = ProtobufWriter()
      opset.add(1, domain)
      opset.add(2, version)
      model.add(8, opset)
    }
    for (key, value) in metadata {
      var entry = ProtobufWriter()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model.bytes
  }
}
