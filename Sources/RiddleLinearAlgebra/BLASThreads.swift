import COpenBLAS

/// How many threads one BLAS call may use.
public enum BLASThreads {
  /// Sets the number of threads of every later BLAS call of this process.
  ///
  /// Fitting wants 1: it runs shards and folds side by side, a second pool would oversubscribe the
  /// processors, and sums would depend on the number of threads.
  public static func set(_ count: Int) {
    precondition(count >= 1, "BLAS needs at least one thread, got \(count)")
    openblas_set_num_threads(Int32(clamping: count))
  }

  /// The number of threads a BLAS call may use now.
  public static var count: Int { Int(openblas_get_num_threads()) }
}

/// Which BLAS computes: for manifests, because the last bits of a fit depend on it.
public enum BLASInformation {
  /// Version and build options, then the processor kernel in use, such as
  /// `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH … kernel Zen`.
  public static var description: String {
    // Both return pointers to static, null-terminated strings that OpenBLAS owns for the process's life.
    let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? ""
    let kernel = unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
    return "\(configuration) kernel \(kernel)"
  }
}
