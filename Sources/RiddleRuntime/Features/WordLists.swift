/// Groups of words whose counts are features. Whole words, lower case; a word may stand in one group only.
enum WordGroup: UInt8, CaseIterable {
  case asking, reasoning, analysing, creating, transforming, code, mathematics, quantity, steps
  case conditions, negations, superlatives, legal, medical, service, politeness, functionWords

  /// Space-separated members, as a literal so that no string is built at run time.
  var words: StaticString {
    switch self {
    case .asking: "what which who whom whose when where"
    case .reasoning:
      "why how because therefore hence thus infer implies reasoning reason cause causes"
    case .analysing:
      """
      analyze analyse analysis compare comparison evaluate explain describe discuss contrast assess review \
      justify critique interpret investigate diagnose recommend strategy tradeoff tradeoffs pros cons
      """
    case .creating:
      """
      write draft create generate design build implement compose plan propose develop outline prepare \
      architecture optimize optimise refactor migrate roadmap
      """
    case .transforming:
      """
      summarize summarise summary extract list classify translate rewrite convert find identify rephrase \
      shorten format categorize tag parse
      """
    case .code:
      """
      code function class bug debug error exception compile python java javascript typescript swift rust sql \
      query api regex script stack trace json xml select join import def return async thread endpoint \
      server http null undefined int string array loop algorithm git docker kubernetes database schema \
      webhook timeout traceback output program
      """
    case .mathematics:
      """
      calculate compute solve prove proof equation integral derivative probability theorem matrix vector \
      polynomial prime integer triangle angle sum product maximum minimum estimate determine
      """
    case .quantity:
      """
      total average percent percentage ratio each per every twice half double triple times remaining left \
      altogether dozen many much number amount cost price dollars cents hours minutes days weeks years miles
      """
    case .steps:
      "then first second third finally next after before step steps afterwards later begin again also until"
    case .conditions:
      "if suppose assume given let unless whether consider assuming would could might provided"
    case .negations:
      "not no never except without cannot false incorrect none nor neither isn't doesn't don't"
    case .superlatives:
      "best most better more less least worst greatest largest smallest highest lowest likely"
    case .legal:
      """
      court contract law legal liability gdpr plaintiff defendant statute jury clause privacy compliance \
      regulation lawsuit attorney consent breach terms
      """
    case .medical:
      """
      patient symptoms symptom diagnosis disease treatment doctor dose drug medication clinical blood pain \
      medical health surgery therapy infection allergy pregnant
      """
    case .service:
      """
      password reset faq status phone address opening order refund invoice account login email delivery \
      shipping return cancel subscription ticket tracking
      """
    case .politeness: "please thanks thank hi hello hey dear regards sorry kindly appreciate"
    case .functionWords:
      """
      the a an of to in and or is are was were be been for on with as by at from that this it its than i my \
      me you your we our they he she his her their there here has have had do does did will can so but
      """
    }
  }
}
