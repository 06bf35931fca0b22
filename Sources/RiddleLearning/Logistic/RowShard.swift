import RiddleLinearAlgebra

/// One shard's rows of everything that ``RowSpaceLBFGS`` keeps per row. Shards never read one another.
struct RowShard: Sendable {
  /// The shard's rows of the training set; n_s of them.
  let rows: Range<Int>
  /// Dense design, n_s × k; whitened before the first step.
  var design: Matrix
  let targets: [Double]
  let weights: [Double]
  /// Position: coefficients β, image Kβ (the hashed part of the margins), dense part of the margins.
  var beta: [Double]
  var image: [Double]
  var denseMargin: [Double]
  /// c(p − t) at the position.
  var residual: [Double]
  /// Gradient, previous gradient and direction of the hashed block, as coefficients and images.
  var gradient: Coefficients
  private var previous: Coefficients
  private var direction: Coefficients
  /// What a unit step adds to the margins.
  private var stepMargin: [Double]
  /// Zᵀr over the shard, k.
  var denseGradient: [Double]
  /// Remembered s and y, rows 2·slot and 2·slot + 1 of 2·length × n_s.
  private var coefficientStack: Matrix
  private var imageStack: Matrix
  /// g, s and y times all remembered images, 3 × used rows.
  var products: Matrix
  var sums = Sums()

  /// A vector of the hashed block in the span of the rows: v = Xᵀ`own` / √h, `image` = X v / √h.
  struct Coefficients: Sendable {
    var own: [Double]
    var image: [Double]
  }

  /// The shard's part of sums over all rows.
  struct Sums: Sendable {
    var gradientSquared = 0.0
    var curvature = 0.0
    var positionDirection = 0.0
    var directionSquared = 0.0
    var loss = 0.0
    var slope = 0.0
    var stepCurvature = 0.0
  }

  init(rows: Range<Int>, objective: LogisticObjective, beta: [Double], historyLength: Int) {
    self.rows = rows
    let n = rows.count
    let k = objective.design.columnCount
    let zeros = [Double](repeating: 0, count: n)
    let none = Coefficients(own: zeros, image: zeros)
    design = Matrix(
      rowCount: n, columnCount: k,
      values: Array(objective.design.values[(rows.lowerBound * k)..<(rows.upperBound * k)]))
    targets = Array(objective.targets[rows])
    weights = Array(objective.weights[rows])
    self.beta = Array(beta[rows])
    (image, denseMargin, residual, stepMargin) = (zeros, zeros, zeros, zeros)
    (gradient, previous, direction) = (none, none, none)
    denseGradient = [Double](repeating: 0, count: k)
    coefficientStack = Matrix(rowCount: 2 * historyLength, columnCount: n)
    imageStack = coefficientStack
    products = Matrix(rowCount: 3, columnCount: 0)
  }

  var margins: [Double] { image.indices.map { image[$0] + denseMargin[$0] } }

  mutating func updateResidual() {
    for i in residual.indices {
      let p = LogisticLoss.probability(margin: image[i] + denseMargin[i])
      residual[i] = weights[i] * (p - targets[i])
    }
  }

  /// g = r + (λ/h)β with image (X·Xᵀr + λKβ)/h, and Zᵀr.
  mutating func updateGradient(
    _ columns: SignedBinaryColumns, transposed v: [Double], penalty: Double, curvature h: Double
  ) {
    swap(&previous, &gradient)
    let share = penalty / h
    for i in residual.indices {
      gradient.own[i] = residual[i] + share * beta[i]
      gradient.image[i] = share * image[i]
    }
    columns.addProduct(rows: rows, signed: v, scaledBy: 1 / h, to: &gradient.image)
    BLAS.multiply(design, transposed: true, residual, into: &denseGradient)
    sums.gradientSquared = BLAS.dot(gradient.own, gradient.image)
  }

  /// gᵀKDKg over the shard, before the hashed block is scaled.
  mutating func measureCurvature() {
    sums.curvature = 0
    for i in residual.indices {
      let (_, d) = LogisticLoss.probabilityAndCurvature(margin: image[i] + denseMargin[i])
      sums.curvature += weights[i] * d * gradient.image[i] * gradient.image[i]
    }
  }

  /// Divides the hashed block by `h`: β grows by h, images of gradients shrink by it, margins stay.
  mutating func rescale(curvature h: Double) {
    BLAS.scale(&beta, by: h)
    BLAS.scale(&gradient.image, by: 1 / h)
    sums.gradientSquared /= h
  }

  /// Stores s = t·p and y = g − g_previous in `slot`, and multiplies g, s, y with all remembered images.
  mutating func remember(slot: Int, step t: Double, used: Int) {
    let n = residual.count
    var triple = Matrix(rowCount: 3, columnCount: n)
    for i in 0..<n {
      let s = t * direction.own[i]
      let y = gradient.own[i] - previous.own[i]
      triple.values[i] = gradient.own[i]
      triple.values[n + i] = s
      triple.values[2 * n + i] = y
      coefficientStack.values[2 * slot * n + i] = s
      coefficientStack.values[(2 * slot + 1) * n + i] = y
      imageStack.values[2 * slot * n + i] = t * direction.image[i]
      imageStack.values[(2 * slot + 1) * n + i] = gradient.image[i] - previous.image[i]
    }
    products = BLAS.product(triple, transposedOf: imageStack, firstRows: used)
  }

  /// p = −(Σ remembered · coefficients + g · last coefficient).
  mutating func combine(_ coefficients: [Double]) {
    let used = coefficients.count - 1
    let last = coefficients[used]
    direction = gradient
    let remembered = Array(coefficients[..<used])
    BLAS.multiply(
      coefficientStack, firstRows: used, transposed: true, alpha: -1, remembered, beta: -last,
      into: &direction.own)
    BLAS.multiply(
      imageStack, firstRows: used, transposed: true, alpha: -1, remembered, beta: -last,
      into: &direction.image)
  }

  /// Adds the dense direction's margins, and measures what the line search needs.
  mutating func finishDirection(dense: [Double]) {
    stepMargin = direction.image
    BLAS.multiply(design, dense, beta: 1, into: &stepMargin)
    sums.positionDirection = BLAS.dot(beta, direction.image)
    sums.directionSquared = BLAS.dot(direction.own, direction.image)
  }

  /// Slope and curvature of the loss at step `t`, and its value on demand.
  mutating func measureStep(_ t: Double, withValue: Bool) {
    var (loss, slope, curvature) = (0.0, 0.0, 0.0)
    for i in stepMargin.indices {
      let a = stepMargin[i]
      let m = image[i] + denseMargin[i] + t * a
      let (p, d) = LogisticLoss.probabilityAndCurvature(margin: m)
      slope += weights[i] * (p - targets[i]) * a
      curvature += weights[i] * d * a * a
      if withValue { loss += weights[i] * LogisticLoss.value(margin: m, target: targets[i]) }
    }
    sums.loss = loss
    sums.slope = slope
    sums.stepCurvature = curvature
  }

  mutating func take(_ t: Double) {
    BLAS.add(t, direction.own, to: &beta)
    for i in image.indices {
      image[i] += t * direction.image[i]
      denseMargin[i] += t * (stepMargin[i] - direction.image[i])
    }
  }
}
