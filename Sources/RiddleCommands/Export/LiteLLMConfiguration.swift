/// The proxy's configuration in an exported LiteLLM folder.
enum LiteLLMConfiguration {
  /// Names that the hook routes, and the one of the complexity router.
  static let routedNames = ["riddle", "auto", "riddle-tiers"]

  /// Most tiers, and the longest name of one, that LiteLLM's complexity router takes (1.106.2).
  static let mostTiers = 8, longestTier = 64

  /// The file for a ladder whose names are given as JSON texts, which are texts in YAML too.
  static func text(quoted names: [String]) -> String {
    let last = names.count - 1
    var text = heading
    for (rank, name) in names.enumerated() {
      text += """
          - model_name: \(name)
            litellm_params:\(rank == last ? " &strongest" : "")
              model: os.environ/RIDDLE_MODEL_\(rank)
              api_base: os.environ/RIDDLE_BASE_\(rank)
              api_key: os.environ/RIDDLE_KEY_\(rank)

        """
    }
    text += routed
    // A name in quotes has two characters more.
    if names.count <= mostTiers, names.allSatisfy({ $0.count <= longestTier + 2 }) {
      text += tiers(names)
    }
    return text + settings
  }

  private static let heading = """
    # LiteLLM's proxy with the router of this folder: `bash verify.sh`, then LITELLM_MASTER_KEY=… litellm --config config.yaml
    #
    # Requests for `riddle` or `auto` go to the candidate that the router picks, other names where they always went.
    # Say what the candidates are: provider/model, key, and the address where LiteLLM does not know it (else take api_base out).
    model_list:

    """

  private static let routed = """
      # Listed so that keys may be given them. Were the hook left out, these would ask the strongest.
      - model_name: riddle
        litellm_params: *strongest
      - model_name: auto
        litellm_params: *strongest

    """

  private static func tiers(_ names: [String]) -> String {
    """
      # The same decision as a complexity router, for those who want its other settings; no callback needed.
      - model_name: riddle-tiers
        litellm_params:
          model: auto_router/complexity_router
          complexity_router_default_model: \(names[names.count - 1])
          complexity_router_config:
            classifier_type: custom
            classifier_plugin: riddle_hook.hook
            fallback_tier: \(names[names.count - 1])
            tier_definitions:

    """
      + names.map { "          - {name: \($0), description: a candidate of the router}\n" }.joined()
      + "        tiers:\n"
      + names.map { "          \($0): \($0)\n" }.joined()
  }

  private static let settings = """
    litellm_settings:
      callbacks: [riddle_hook.hook]  # riddle_http.hook asks a riddle-server at RIDDLE_URL instead

    """
}
