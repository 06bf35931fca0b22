import RiddleEvaluation

/// Pieces that several sections of the page use.
enum HTMLParts {
  /// A table that scrolls sideways by itself, reachable by keyboard.
  ///
  /// - Parameters:
  ///   - label: names the scrolling region to screen readers; plain text, as it becomes an attribute.
  ///   - textColumns: columns whose cells hold words; their headings stand on the left like the cells.
  static func table(
    caption: Markup, label: String, header: [Markup], rows: [Markup], classes: Markup = "wide",
    attributes: Markup = "", textColumns: [Int] = []
  ) -> Markup {
    let heads = header.enumerated().map { column, title -> Markup in
      textColumns.contains(column)
        ? "<th scope=\"col\" class=\"text\">\(title)</th>" : "<th scope=\"col\">\(title)</th>"
    }
    return """
      <div class="scroll" role="region" aria-label="\(label)" tabindex="0">
      <table class="\(classes)"\(attributes)>
      <caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>

      """
  }

  /// A row whose first cell names it.
  static func row(_ head: Markup, _ cells: [Markup], classes: Markup = "") -> Markup {
    let attribute: Markup = classes.html.isEmpty ? "" : " class=\"\(classes)\""
    return "<tr\(attribute)><th scope=\"row\">\(head)</th>\(cells)</tr>\n"
  }

  /// A numeric cell.
  static func cell(_ text: String, classes: Markup = "") -> Markup {
    classes.html.isEmpty ? "<td>\(text)</td>" : "<td class=\"\(classes)\">\(text)</td>"
  }

  /// A figure with its interval below it; `data-v` carries the value for sorting.
  static func cell(_ figure: Figure, _ format: FigureFormat, isSigned: Bool = false) -> Markup {
    guard let value = figure.value, value.isFinite else {
      return "<td>\(FigureFormat.undefined)</td>"
    }
    let number = format.text(figure, isSigned: isSigned, withInterval: false)
    return
      "<td data-v=\"\(Markup.machine(value))\">\(number)\(interval(figure, format, isSigned: isSigned))</td>"
  }

  /// The interval in its own element, after a space for those who read the text alone; or nothing.
  static func interval(_ figure: Figure, _ format: FigureFormat, isSigned: Bool = false) -> Markup {
    guard FigureFormat.isDefined(figure), let text = format.interval(figure, isSigned: isSigned)
    else { return "" }
    return " <span class=\"ci\">\(text)</span>"
  }

  /// Inline: value and interval.
  static func inline(_ figure: Figure, _ format: FigureFormat) -> Markup {
    "\(format.text(figure, withInterval: false))\(interval(figure, format))"
  }

  /// A definition list.
  static func facts(_ rows: [(Markup, Markup)]) -> Markup {
    "<dl class=\"facts\">\n\(rows.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as Markup })</dl>\n"
  }

  /// A section with a heading and one sentence that says what it answers.
  static func section(_ id: Markup, _ title: Markup, lead: Markup, _ body: Markup) -> Markup {
    let sentence: Markup = lead.html.isEmpty ? "" : "<p class=\"lead\">\(lead)</p>\n"
    return """
      <section aria-labelledby="\(id)">
      <h2 id="\(id)">\(title)</h2>
      \(sentence)\(body)</section>

      """
  }

  /// Something to open for more.
  static func details(_ summary: Markup, _ body: Markup, isOpen: Bool = false) -> Markup {
    let open: Markup = isOpen ? " open" : ""
    return "<details\(open)><summary>\(summary)</summary>\n\(body)</details>\n"
  }

  /// A tint class from a share: five steps, for shading a matrix.
  static func tint(_ share: Double) -> Markup {
    switch share {
    case 0.5...: "t4"
    case 0.25...: "t3"
    case 0.1...: "t2"
    case 0.02...: "t1"
    default: ""
    }
  }
}

/// Numbered reasons for undefined figures, collected while a table is written.
struct Footnotes {
  /// Makes the anchors of one table unique in the page.
  let prefix: Markup
  private var reasons: [String] = []

  init(_ prefix: Markup) { self.prefix = prefix }

  /// The cell of an undefined figure, with a mark that leads to its reason.
  mutating func cell(_ reason: String) -> Markup {
    let number: Int
    if let known = reasons.firstIndex(of: reason) {
      number = known + 1
    } else {
      reasons.append(reason)
      number = reasons.count
    }
    return """
      <td>\(FigureFormat.undefined)<sup><a href="#\(prefix)-\(number)" aria-label="reason \(number)">\(number)</a></sup></td>
      """
  }

  /// The reasons, to stand below the table.
  var list: Markup {
    guard !reasons.isEmpty else { return "" }
    let items = reasons.enumerated().map {
      "<li id=\"\(prefix)-\($0.offset + 1)\">\($0.element)</li>\n" as Markup
    }
    return "<ol class=\"foot\">\n\(items)</ol>\n"
  }
}
