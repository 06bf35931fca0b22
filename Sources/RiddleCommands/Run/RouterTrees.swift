import RiddleReport
import RiddleRuntime

/// The trees of a router, ready to be read.
struct RouterTrees {
  private let router: Router
  private let description: RouterDescription

  /// - Throws: `CommandFailure` when the router has no trees.
  init(_ opened: OpenedRouter) throws {
    router = opened.router
    description = RouterDescription(opened.router, file: opened.bytes)
    if case .linear = router.model {
      throw CommandFailure(
        .usage,
        "\(opened.path): a \(description.model) router has no trees; train with --model tree or boosted, or leave --tree and --tree-svg out"
      )
    }
  }

  /// Every head's tree in full, or what its sum of trees uses.
  var text: String {
    var parts: [String] = []
    switch router.model {
    case .linear: break
    case .tree(let model):
      for head in model.roots.indices {
        parts.append(title(head))
        parts.append(TreeText.render(view(model, head)))
      }
    case .forest(let model), .stack(_, let model):
      for head in model.bases.indices {
        parts.append(title(head))
        parts.append(
          TreeText.render(model, head: head, columnNames: description.schema.columns))
      }
    }
    return parts.joined(separator: "\n")
  }

  /// Every head's tree, or the first of its sum.
  var svg: String {
    var trees: [(title: String, tree: TreeView)] = []
    switch router.model {
    case .linear: break
    case .tree(let model):
      trees = model.roots.indices.map { (title($0), view(model, $0)) }
    case .forest(let model), .stack(_, let model):
      for head in model.bases.indices {
        let roots = model.roots(ofHead: head)
        guard let first = roots.first else { continue }
        trees.append(
          (
            "\(title(head)): tree 1 of \(roots.count), log-odds added",
            TreeView(
              nodes: model.nodes, root: Int(first), columnNames: description.schema.columns,
              values: .addends)
          ))
      }
    }
    return TreeDrawing.svg(trees)
  }

  private func view(_ model: TreeModel, _ head: Int) -> TreeView {
    let isLadder = router.rule == .ladder
    return TreeView(
      nodes: model.nodes, root: Int(model.roots[head]), columnNames: description.schema.columns,
      values: .margins(
        router.calibration[head], threshold: isLadder ? router.thresholds[head].value : nil))
  }

  private func title(_ head: Int) -> String {
    guard router.rule == .ladder else { return "outcome \(head + 1)" }
    return "probability that a query has to climb above \(description.candidates[head].name)"
  }
}
